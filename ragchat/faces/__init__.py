"""Thin encoders of the event stream, one module per wire or screen. They add nothing and decide nothing."""
