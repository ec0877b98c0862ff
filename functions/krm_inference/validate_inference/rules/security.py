"""Rules about security: credentials, images and privileges."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference import security
from krm_inference.validate_inference.findings import Rule, Topic

# fmt: off
TOPIC = Topic("Security", "What a manifest gives away, and what it lets a Pod do.", (
    Rule("credential", ERROR, security.tokens,
         "No field holds an access token or a private key, base64 or not",
         "Whoever can read the package can use it, and its history keeps it",
         "the shapes of tokens of Hugging Face, OpenAI, GitHub, Google and AWS, of PEM keys and of JWTs",
         "Revoke it, make a Secret outside of the package and refer to that"),
    Rule("image-version", WARNING, security.images,
         "Images of servers and pickers have a version or a digest",
         "Two replicas can run two versions, whose flags and metrics differ",
         "Kubernetes: images",
         "Write the version, or the digest"),
    Rule("pod-privileges", WARNING, security.privileges,
         "Servers and pickers are not privileged and do not share their node's network, processes or IPC",
         "A fault in the server is a fault of the node",
         "Kubernetes: Pod Security Standards, baseline",
         "Set it to false"),
))
# fmt: on
