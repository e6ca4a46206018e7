"""What a mailbox is: Vietnamese names, addresses, labels, quotas and states."""
