"""Rules about security: credentials, images and privileges.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.security import credentials, exposure, images, privileges, rights

# fmt: off
TOPIC = Topic("Security", "What a manifest reveals, and what it lets a Pod do.", (
    Rule("credential", ERROR, credentials.by_shape,
         "No field holds an access token or a private key, base64 or not",
         "Anyone who can read the package can use it, and the package's history keeps it",
         "the shapes of tokens of Hugging Face, OpenAI, GitHub, Google and AWS, of PEM keys and of JWTs",
         "Revoke it, create a Secret outside the package and refer to that"),
    Rule("credential-name", ERROR, credentials.by_name,
         "No variable, flag or ConfigMap key that is named like a credential has its value in plain text",
         "Anyone who can read the package, or the Pod, can use it",
         "vLLM 0.32: VLLM_API_KEY, --api-key; Hugging Face: HF_TOKEN; names that end in token, secret, password or key",
         "Take the value from a Secret outside the package: valueFrom.secretKeyRef, and $(NAME) in a flag"),
    Rule("secret-data", WARNING, credentials.in_secrets,
         "Secrets in the package have no data, or are encrypted by sops",
         "base64 hides nothing: anyone who can read the package can use them, and its history keeps them",
         "Kubernetes: good practices for Secrets",
         "Create the Secret outside the package, or with an operator for secrets"),
    Rule("image-version", WARNING, images.unpinned_images,
         "Images of servers and pickers have a version or a digest",
         "Two replicas can run two versions, whose flags and metrics differ",
         "Kubernetes: images",
         "Name a version or a digest"),
    Rule("pod-privileges", WARNING, privileges.opens_the_node,
         "Servers and pickers are not privileged and use no network, processes, IPC, paths or ports of their node",
         "An attacker who takes over the server reaches the node too",
         "Kubernetes: Pod Security Standards, baseline; allowPrivilegeEscalation: restricted",
         "Remove it"),
    Rule("pod-rights", INFO, privileges.unused_rights,
         "Servers and pickers have no capabilities, privilege escalation or unfiltered system calls; servers no token",
         "They need none of these, and an attacker who takes them over could use them",
         "Kubernetes: Pod Security Standards, restricted; vLLM calls no Kubernetes API",
         "Drop ALL capabilities, write allowPrivilegeEscalation: false, seccompProfile RuntimeDefault, and for servers "
         "automountServiceAccountToken: false"),
    Rule("secret-rights", INFO, rights.readable_everywhere,
         "The right to read the Secret of a monitor is granted in its namespace only",
         "A ClusterRoleBinding grants it for Secrets of this name in every namespace",
         "Kubernetes: role-based access control; charts of GAIE after v1.0.0",
         "Use a Role and a RoleBinding in the namespace of the Secret"),
    Rule("gateway-tls", INFO, exposure.clear_listeners,
         "Listeners of a Gateway through which requests reach a pool use TLS",
         "Anyone on the network path can read prompts, answers and the clients' credentials",
         "Gateway API v1.6.1; GKE: secure a Gateway",
         "Use HTTPS with a certificate (LLMService: gateway.tls), or raise this rule's severity where TLS is required",
         is_notice=True),
    Rule("server-authentication", INFO, exposure.open_servers,
         "A server asks for an API key, or something in front of it authenticates clients",
         "Anyone who reaches the Gateway can use the GPUs",
         "vLLM 0.32: --api-key, VLLM_API_KEY; no route or pool of the Gateway API authenticates by itself",
         "Authenticate at the Gateway or a proxy in front of it, or give the server a key from a Secret",
         is_notice=True),
))
# fmt: on
