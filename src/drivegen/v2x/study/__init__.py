"""What cooperation is worth: studies on captures, without a GPU."""
