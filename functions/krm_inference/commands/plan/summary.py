"""The lines of figures at the end of a render: what each service takes and gives, as `krmfn plan` says it in full."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import Resource, ResourceList, repeatable

from krm_inference.domain.service import is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.commands.plan import estimates

_SHOWN = 5


@repeatable
def lines(resources: list[Resource]) -> Iterator[str]:
    """Yield a line for each LLMService, and one for those that would be too many."""
    intents = [resource for resource in resources if is_llm_service(resource)]
    if not intents:
        return
    from krm_inference.commands.plan import estimates, prices
    from krm_inference.domain import intent

    services = intent.read(ResourceList(intents), takes_other_config=True)
    for service in services[:_SHOWN]:
        yield from map(_line, estimates.of("", service, prices.NONE))
    if len(services) > _SHOWN:
        yield f"{len(services) - _SHOWN} more services: krmfn plan"


def _line(one: estimates.Estimate) -> str:
    gpus = f"{one.all_gpus} × {one.accelerator}"
    if not one.tokens:
        return f"{one.name}: {gpus}; spec.model.facts does not say the shape of the model, so nothing more is known"
    if one.reads_only:
        return (
            f"{one.name}: {gpus}, {one.all_rate:,.1f} prompts/s of {one.prompt:,} tokens at "
            f"{one.replicas * one.concurrency} requests, drain {one.shutdown_timeout} s, start at most "
            f"{one.startup_seconds} s (estimates; krmfn plan)"
        )
    return (
        f"{one.name}: {gpus}, {one.all_rate:,.0f} tokens/s at {one.replicas * one.concurrency} requests, "
        f"{one.token_ms:g} ms a token, longest answer {one.answer_seconds:.0f} s, drain {one.shutdown_timeout} s, "
        f"start at most {one.startup_seconds} s (estimates; krmfn plan)"
    )
