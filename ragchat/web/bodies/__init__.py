"""Bodies as other clients shape them, put into our words before ragchat.web.requests checks them."""
