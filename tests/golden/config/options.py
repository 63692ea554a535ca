model = dict(type='Net', depth=50, neck=dict(type='FPN', out=256))
pipeline = [dict(type='Load'), dict(type='Resize', scale=(1333, 800)), dict(type='Pack')]
sizes = (1, 2)
numbers = [1, 2]
number = 5
none = None
nested = [[dict(k=1), dict(k=2)]]
