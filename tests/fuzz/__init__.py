"""Fuzzers: whatever comes in, from a wire, a file or an argument, there is an answer or a clear refusal, and soon."""
