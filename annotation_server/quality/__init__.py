"""Quality of annotators: their pace, their agreement, honeypots, control limits and alarms."""
