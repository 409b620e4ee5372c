"""The engine room: the contract of a stage, the pipeline, and the engines that run it over batches."""
