"""Rules about security: credentials, images and privileges.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.security import credentials, exposure, images, privileges, rights

# fmt: off
TOPIC = Topic("Security", "What a manifest gives away, and what it lets a Pod do.", (
    Rule("credential", ERROR, credentials.by_shape,
         "No field holds an access token or a private key, base64 or not",
         "Whoever can read the package can use it, and its history keeps it",
         "the shapes of tokens of Hugging Face, OpenAI, GitHub, Google and AWS, of PEM keys and of JWTs",
         "Revoke it, make a Secret outside of the package and refer to that"),
    Rule("credential-name", ERROR, credentials.by_name,
         "No variable, flag or key of a ConfigMap that is named like a credential has its value written out",
         "Whoever can read the package, or the Pod, can use it",
         "vLLM 0.32: VLLM_API_KEY, --api-key; Hugging Face: HF_TOKEN; names that end in token, secret, password or key",
         "Take the value from a Secret outside of the package: valueFrom.secretKeyRef, and $(NAME) in a flag"),
    Rule("secret-data", WARNING, credentials.in_secrets,
         "Secrets in the package have no data, or are encrypted by sops",
         "base64 hides nothing: whoever can read the package can use it, and its history keeps it",
         "Kubernetes: good practices for Secrets",
         "Make the Secret outside of the package, or by an operator for secrets"),
    Rule("image-version", WARNING, images.unpinned_images,
         "Images of servers and pickers have a version or a digest",
         "Two replicas can run two versions, whose flags and metrics differ",
         "Kubernetes: images",
         "Write the version, or the digest"),
    Rule("pod-privileges", WARNING, privileges.opens_the_node,
         "Servers and pickers are not privileged and use no network, processes, IPC, paths or ports of their node",
         "A fault in the server is a fault of the node",
         "Kubernetes: Pod Security Standards, baseline; allowPrivilegeEscalation: restricted",
         "Take it out"),
    Rule("pod-rights", INFO, privileges.unused_rights,
         "Servers and pickers have no capabilities, privilege escalation or unfiltered system calls, servers no token",
         "They need none of it, and a fault in them has it too",
         "Kubernetes: Pod Security Standards, restricted; vLLM calls no Kubernetes API",
         "Drop ALL capabilities, write allowPrivilegeEscalation: false, seccompProfile RuntimeDefault, and for servers "
         "automountServiceAccountToken: false"),
    Rule("secret-rights", INFO, rights.readable_everywhere,
         "The right to read the Secret of a monitor is given in its namespace",
         "A ClusterRoleBinding gives it for Secrets of this name in every namespace",
         "Kubernetes: role-based access control; charts of GAIE after v1.0.0",
         "Use a Role and a RoleBinding beside the Secret"),
    Rule("gateway-tls", INFO, exposure.clear_listeners,
         "Listeners of a Gateway by which requests reach a pool take TLS",
         "Whoever is on the way reads prompts and answers, and what clients authenticate with",
         "Gateway API v1.6.1; GKE: secure a Gateway",
         "Listen for HTTPS with a certificate, for an LLMService by gateway.tls, or raise this rule where it matters",
         is_notice=True),
    Rule("server-authentication", INFO, exposure.open_servers,
         "A server asks for an API key, or something in front of it authenticates",
         "Whoever reaches the Gateway uses its GPUs",
         "vLLM 0.32: --api-key, VLLM_API_KEY; no route or pool of the Gateway API authenticates by itself",
         "Authenticate at the Gateway or a proxy before it, or give the server a key from a Secret",
         is_notice=True),
))
# fmt: on
