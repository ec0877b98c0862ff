"""Names of generated objects: valid where they stand, and distinct where the services are."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from krm_inference.domain.intent import schema
from krm_inference.domain.names import Names, dns_label

LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
SERVICES = st.from_regex(SUBDOMAIN, fullmatch=True).filter(lambda name: len(name) <= 63)


@pytest.mark.parametrize(
    ("service", "label"),
    [
        ("vllm-llama3.1-8b-instruct", "vllm-llama3-1-8b-instruct"),
        ("llama", "llama"),
        ("8b", "llm-8b"),
        ("a" * 63, "a" * 34 + "-7d3e74"),
    ],
)
def test_labels(service: str, label: str) -> None:
    """Dots become hyphens, a letter comes first, and what is too long is cut and keeps a hash of the whole."""
    assert dns_label(service) == label


@given(SERVICES)
def test_labels_fit_a_service(service: str) -> None:
    """Every label is a DNS-1035 label and has room for the longest suffix within 63 characters."""
    names = Names(service, "")
    own = (names.base, names.picker, names.metrics_reader, names.metrics_reader_secret)
    assert all(LABEL.fullmatch(name) and len(name) <= 63 for name in own)


@given(SERVICES, st.sampled_from(["", "llm", "n" * 63]))
def test_other_names_are_subdomains(service: str, namespace: str) -> None:
    """The names that are no labels are DNS-1123 subdomains of at most 253 characters."""
    names = Names(service, namespace)
    own = (names.adapters, names.picker_reviews, names.metrics_reader_cluster)
    assert all(SUBDOMAIN.fullmatch(name) and len(name) <= 253 for name in own)


@given(SERVICES, SERVICES)
def test_distinct_services_have_distinct_labels(one: str, other: str) -> None:
    """Two services have two labels, unless only dots and hyphens, or the letters put in front, tell them apart."""
    assume(one != other)
    assume(_told_apart_by(one) != _told_apart_by(other))
    assert dns_label(one) != dns_label(other)


def _told_apart_by(service: str) -> str:
    label = re.sub(r"[.-]+", "-", service)
    return label if label[0].isalpha() else f"llm-{label}"


def test_cluster_scoped_names_carry_the_namespace() -> None:
    """Two environments on one cluster have two sets of cluster-scoped names."""
    assert Names("llama", "dev").picker_reviews == "dev-llama-epp"
    assert Names("llama", "prod").picker_reviews == "prod-llama-epp"
    assert Names("llama", "").picker_reviews == "default-llama-epp"


@given(SERVICES)
def test_the_schema_takes_every_such_name(service: str) -> None:
    """The names of these tests are those that the schema allows."""
    assert re.search(schema().openapi["properties"]["metadata"]["properties"]["name"]["pattern"], service)
