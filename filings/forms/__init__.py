"""Input to values: `entry` for what departments write and sign, `office` for review and periods."""
