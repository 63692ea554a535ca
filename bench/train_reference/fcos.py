# SPDX-License-Identifier: Apache-2.0
"""FCOS on a plain ViT with a simple feature pyramid in plain PyTorch, from the keys of mmdet's config."""
import torch
import torch.nn.functional as F
from torch import nn

from blocks import Block, PatchEmbed, drop_rates

FAR = 1e8


class Vit(nn.Module):

    def __init__(self, config):
        super().__init__()
        get = config.get
        self.patch = get('patch_size', 16)
        width, depth, heads = get('embed_dim', 768), get('depth', 12), get('num_heads', 12)
        self.side = get('pretrain_img_size', 224) // self.patch
        self.pos_embed = nn.Parameter(torch.zeros(1, self.side**2 + 1, width))
        self.patch_embed = PatchEmbed(self.patch, width)
        windowed = get('window_block_indexes', (0, 1, 3, 4, 6, 7, 9, 10)) if get('window_size', 0) else ()
        blocks = []
        for i, rate in enumerate(drop_rates(get('drop_path_rate', 0.0), depth)):
            window = config['window_size'] if i in windowed else 0
            side = window or get('img_size', 1024) // self.patch
            blocks.append(
                Block(width, heads, int(get('mlp_ratio', 4) * width), get('norm_cfg', {}).get('eps', 1e-5 if 'norm_cfg' in config else 1e-6),
                      get('qkv_bias', True), rate, window, side if get('use_rel_pos', False) else 0))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, images):
        x = self.patch_embed(images)
        grid = self.pos_embed[:, 1:].view(1, self.side, self.side, -1)
        if x.shape[1:3] != grid.shape[1:3]:
            grid = F.interpolate(grid.permute(0, 3, 1, 2), size=x.shape[1:3], mode='bicubic',
                                 align_corners=False).permute(0, 2, 3, 1)
        x = x + grid
        for block in self.blocks:
            x = block(x)
        return x.permute(0, 3, 1, 2)


class ChannelNorm(nn.LayerNorm):

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNorm(nn.Module):

    def __init__(self, inside, outside, kernel, norm_name, norm, bias=False, act=False):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, padding=kernel // 2, bias=bias)
        self.norm_name = norm_name
        self.add_module(norm_name, norm)
        self.act = act

    def forward(self, x):
        x = getattr(self, self.norm_name)(self.conv(x))
        return F.relu_(x) if self.act else x


class Pyramid(nn.Module):

    def __init__(self, config):
        super().__init__()
        c, out = config['backbone_channel'], config['out_channels']
        eps = config['norm_cfg'].get('eps', 1e-5)
        self.levels = config['num_outs']
        up = lambda a, b: nn.ConvTranspose2d(a, b, 2, 2)
        self.fpn1 = nn.Sequential(up(c, c // 2), ChannelNorm(c // 2, eps), nn.GELU(), up(c // 2, c // 4))
        self.fpn2 = nn.Sequential(up(c, c // 2))
        wide = lambda a, k: ConvNorm(a, out, k, 'norm_layer', ChannelNorm(out, eps))
        self.lateral_convs = nn.ModuleList(wide(a, 1) for a in (c // 4, c // 2, c, c))
        self.fpn_convs = nn.ModuleList(wide(out, 3) for _ in range(4))

    def forward(self, x):
        maps = [self.fpn1(x), self.fpn2(x), x, F.max_pool2d(x, 2, 2)]
        maps = [s(l(m)) for m, l, s in zip(maps, self.lateral_convs, self.fpn_convs)]
        while len(maps) < self.levels:
            maps.append(F.max_pool2d(maps[-1], 1, 2))
        return maps


class Scale(nn.Module):

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return x * self.scale


class Head(nn.Module):

    def __init__(self, config):
        super().__init__()
        self.config = config
        get = config.get
        width, self.classes = get('feat_channels', 256), config['num_classes']
        norm = get('norm_cfg', dict(num_groups=32))
        bias = get('conv_bias', 'auto')
        bias = norm is None if bias == 'auto' else bias

        def tower():
            return nn.ModuleList(
                ConvNorm(config['in_channels'] if i == 0 else width, width, 3, 'gn',
                         nn.GroupNorm(norm.get('num_groups', 32), width, norm.get('eps', 1e-5)), bias, True)
                for i in range(get('stacked_convs', 4)))

        self.cls_convs, self.reg_convs = tower(), tower()
        self.conv_cls = nn.Conv2d(width, self.classes, 3, padding=1)
        self.conv_reg = nn.Conv2d(width, 4, 3, padding=1)
        self.conv_centerness = nn.Conv2d(width, 1, 3, padding=1)
        self.strides = get('strides', (4, 8, 16, 32, 64))
        self.ranges = get('regress_ranges', ((-1, 64), (64, 128), (128, 256), (256, 512), (512, FAR)))
        self.scales = nn.ModuleList(Scale() for _ in self.strides)

    def forward_level(self, x, scale):
        of_class = of_box = x
        for layer in self.cls_convs:
            of_class = layer(of_class)
        for layer in self.reg_convs:
            of_box = layer(of_box)
        box = scale(self.conv_reg(of_box))
        box = box.clamp(min=0) if self.config.get('norm_on_bbox', False) else box.exp()
        near = of_box if self.config.get('centerness_on_reg', False) else of_class
        return self.conv_cls(of_class), box, self.conv_centerness(near)

    def forward(self, levels):
        flat = lambda x: x.permute(0, 2, 3, 1).flatten(1, 2)
        parts = [[flat(m) for m in self.forward_level(x, s)] for x, s in zip(levels, self.scales)]
        return [torch.cat(p, 1) for p in zip(*parts)]

    def points(self, levels):
        places, strides, ranges = [], [], []
        for x, stride, limits in zip(levels, self.strides, self.ranges):
            y, x = torch.meshgrid((torch.arange(x.shape[2]) + 0.5) * stride,
                                  (torch.arange(x.shape[3]) + 0.5) * stride, indexing='ij')
            places.append(torch.stack([x.flatten(), y.flatten()], 1))
            strides.append(torch.full((x.numel(), ), float(stride)))
            ranges.append(torch.tensor([limits], dtype=torch.float32).expand(x.numel(), 2))
        return torch.cat(places), torch.cat(strides), torch.cat(ranges)

    def targets(self, points, strides, ranges, boxes, labels):
        count = len(points)
        if not len(boxes):
            return torch.full((count, ), self.classes), torch.zeros(count, 4)
        areas = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).repeat(count, 1)
        x, y = points[:, :1], points[:, 1:]
        sides = torch.stack([x - boxes[:, 0], y - boxes[:, 1], boxes[:, 2] - x, boxes[:, 3] - y], -1)
        near = sides
        if self.config.get('center_sampling', False):
            reach = (strides * self.config.get('center_sample_radius', 1.5))[:, None]
            cx, cy = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
            near = torch.stack([x - torch.maximum(cx - reach, boxes[:, 0]),
                                y - torch.maximum(cy - reach, boxes[:, 1]),
                                torch.minimum(cx + reach, boxes[:, 2]) - x,
                                torch.minimum(cy + reach, boxes[:, 3]) - y], -1)
        inside = near.min(-1)[0] > 0
        far = sides.max(-1)[0]
        fits = inside & (far >= ranges[:, :1]) & (far <= ranges[:, 1:])
        area, chosen = torch.where(fits, areas, FAR).min(1)
        label = torch.where(area < FAR, labels[chosen], self.classes)
        return label, sides[torch.arange(count), chosen]

    def losses(self, levels, truth):
        logits, boxes, center = self(levels)
        points, strides, ranges = self.points(levels)
        assigned = [self.targets(points, strides, ranges, b, l) for b, l in truth]
        labels = torch.cat([a[0] for a in assigned])
        wanted = torch.cat([a[1] for a in assigned])
        if self.config.get('norm_on_bbox', False):
            wanted = wanted / strides.repeat(len(truth))[:, None]
        positive = (labels < self.classes).nonzero()[:, 0]
        count = max(float(len(positive)), 1.0)

        loss_cls = self.config.get('loss_cls', {})
        alpha, gamma = loss_cls.get('alpha', 0.25), loss_cls.get('gamma', 2.0)
        logits = logits.flatten(0, 1)
        truth = F.one_hot(labels, self.classes + 1)[:, :self.classes].type_as(logits)
        p = logits.sigmoid()
        miss = (1 - p) * truth + p * (1 - truth)
        weight = (alpha * truth + (1 - alpha) * (1 - truth)) * miss.pow(gamma)
        focal = (F.binary_cross_entropy_with_logits(logits, truth, reduction='none') * weight).sum() / count

        a, b = boxes.flatten(0, 1)[positive], wanted[positive]
        facing = torch.stack([b[:, :2], b[:, 2:]], 2)
        centered = (facing.min(2)[0] / facing.max(2)[0]).prod(1).sqrt()
        box = (self.box_losses(a, b) * centered).sum() / centered.sum().clamp(min=1e-6)
        middle = F.binary_cross_entropy_with_logits(center.flatten()[positive], centered, reduction='sum') / count
        return {'loss_cls': focal * loss_cls.get('loss_weight', 1.0),
                'loss_bbox': box * self.config.get('loss_bbox', {}).get('loss_weight', 1.0),
                'loss_centerness': middle * self.config.get('loss_centerness', {}).get('loss_weight', 1.0)}

    def box_losses(self, a, b):
        area = lambda d: (d[:, :2] + d[:, 2:]).clamp(min=0).prod(1)
        common = area(torch.minimum(a, b))
        union = (area(a) + area(b) - common).clamp(min=1e-6)
        iou = common / union
        if self.config.get('loss_bbox', {'type': 'IoULoss'})['type'].endswith('GIoULoss'):
            around = area(torch.maximum(a, b)).clamp(min=1e-6)
            return 1 - iou + (around - union) / around
        return -iou.clamp(min=1e-6).log()


class Fcos(nn.Module):

    def __init__(self, config):
        super().__init__()
        self.backbone = Vit(config['backbone'])
        self.neck = Pyramid(config['neck'])
        self.bbox_head = Head(config['bbox_head'])
        for module in (self.bbox_head.conv_cls, self.bbox_head.conv_reg, self.bbox_head.conv_centerness):
            nn.init.normal_(module.weight, std=0.01)
            nn.init.zeros_(module.bias)

    def losses(self, images, targets):
        return self.bbox_head.losses(self.neck(self.backbone(images)), targets)
