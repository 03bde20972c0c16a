"""The protocol of the WebSocket: commands in, replies and frames out."""
