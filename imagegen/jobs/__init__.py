"""The job log, the queue that wakes workers, and the ledger of paid attempts."""
