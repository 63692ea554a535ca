_base_ = 'schedule.py'
x = max_epochs
