ints = {1: 'one', -2: 'two'}
mixed = {'a b': 1, 'c': (1,), 'd': ((), [])}
floats = [1.0, 1e-05, 114.0, 1e16, float('inf'), -float('inf'), 0.1, 1e22]
custom_imports = dict(imports=['a.b'], allow_failed_imports=False)
_private = 1
