"""V2X-Seq-SPD, the sequential perception data set, as the data set's own tools load it."""
