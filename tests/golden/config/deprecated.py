_deprecation_ = dict(expected='new.py', reference='a page')
x = 1
