"""Jobs: from a configuration to plans, from plans to captures, and on to data sets and a report."""
