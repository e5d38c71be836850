"""What `fit` and `evaluate` show while they run: losses and a score a task, not all logs."""
