_base_ = 'schedule.py'
param_scheduler = dict(_delete_=True, type='X')
