"""What a policy of tokens does to who asks, as it comes, changes and goes."""

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.kpt import effects
from krm_functions_sdk.kpt.comparison import compare
from krm_inference.cluster.effects import EFFECTS

ISTIO = """\
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens}
spec: {jwtRules: [{issuer: https://issuer.example.com}]}
"""
OTHER = ISTIO.replace("issuer.example.com", "other.example.com")
BODIES = """\
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayPolicy
metadata: {name: bodies}
spec: {traffic: {phase: PreRouting}}
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", ISTIO, ["the Gateway refuses who brings no token, at once"]),
        (ISTIO, OTHER, ["the Gateway takes other tokens, at once"]),
        (ISTIO, "", ["the Gateway asks for no token any more: it answers whoever reaches it"]),
        ("", BODIES, []),
    ],
)
def test_a_policy_of_tokens_says_what_it_does(before: str, after: str, said: list[str]) -> None:
    sides = ([Resource(text)] if text else [] for text in (before, after))
    (change,) = compare(*sides).changes
    assert list(effects.of(change, EFFECTS)) == said
