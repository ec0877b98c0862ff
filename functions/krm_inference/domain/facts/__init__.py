"""Facts of others, with their sources: models, accelerators, vLLM, releases. No module here knows an intent."""
