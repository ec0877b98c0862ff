"""The inference domain: what an LLMService says, and the facts that decide what becomes of it.

May import: the SDK, no function.
"""
