"""Does a look help? Equal training with and without it, judged on what none of it has seen."""
