_base_ = ['mod' + 'el.py', *['schedule.py']]
