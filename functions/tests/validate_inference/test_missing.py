"""What is said of an object that is not there: another is named only where its name has to do with it."""

import pytest
from krm_functions_sdk import Resource, ResourceList, Result
from krm_inference.validate_inference import validate_inference

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
spec:
  selector:
    matchLabels:
      app: chat
  template:
    metadata:
      labels:
        app: chat
    spec:
      containers:
      - name: vllm
        image: vllm/vllm-openai:v0.32.0
      volumes:
      - name: settings
        configMap:
          name: chat-settings
"""


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def results(*names: str) -> list[Result]:
    texts = [DEPLOYMENT, *map(config_map, names)]
    resources = ResourceList([Resource(text, path=f"{number}.yaml") for number, text in enumerate(texts)])
    validate_inference(resources)
    return list(resources.results)


@pytest.mark.parametrize(
    ("alike", "said"),
    [
        ("chat-setings", "no ConfigMap chat-settings; there is: chat-setings"),
        ("dev-chat-settings", "no ConfigMap chat-settings; there is: dev-chat-settings. "),
    ],
)
def test_a_missing_config_map_is_answered_with_the_one_that_is_meant(alike: str, said: str) -> None:
    (found,) = [each for each in results(alike, "grafana-dashboards") if each.tags.get("rule") == "pod-config-map"]
    assert found.message.startswith(said)
    assert found.proposed == alike
    assert "grafana" not in found.message


@pytest.mark.parametrize("unrelated", [["grafana-dashboards"], ["grafana-dashboards", "prometheus-rules"]])
def test_a_missing_config_map_is_not_answered_with_an_unrelated_one(unrelated: list[str]) -> None:
    """It may be another set's."""
    assert not [each for each in results(*unrelated) if any(name in str(each) for name in unrelated)]
