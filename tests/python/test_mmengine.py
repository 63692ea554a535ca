# SPDX-License-Identifier: Apache-2.0
"""pinfeed.mmengine: mmengine's Runner trains on pinfeed's batches, which equal those of mmdet's data loader."""
import pytest

import openmmlab
from openmmlab import (FASTER_RCNN, LSJ, POLYGONS, PREPROCESSOR, SMALL, config, loader, mae_loader, recorded, run,
                       with_pinfeed)

openmmlab.needed()

import mmengine.registry  # noqa: E402
import torch  # noqa: E402
from mmengine.runner import Runner  # noqa: E402
from recording_model import assert_same  # noqa: E402

import pinfeed  # noqa: E402
import pinfeed.mmengine  # noqa: E402

EPOCHS = dict(type="EpochBasedTrainLoop", max_epochs=2)


def both(work_dir, dataloader, train_cfg=EPOCHS, **more):
    """The batches of OpenMMLab's data loader and of pinfeed's, each through a Runner."""
    theirs = recorded(config(work_dir / "theirs", dataloader, train_cfg, **more))
    ours = recorded(config(work_dir / "ours", with_pinfeed(dataloader), train_cfg, **more))
    return theirs, ours


@pytest.mark.parametrize("name, dataloader", [
    ("Faster R-CNN", loader(FASTER_RCNN, batch_size=3, images=10)),
    ("Faster R-CNN without workers", loader(FASTER_RCNN, batch_size=3, workers=0, images=7)),
    ("Faster R-CNN, new workers each epoch", loader(FASTER_RCNN, persistent=False, images=10)),
    ("LSJ", loader(LSJ, batch_size=3, images=10)),
    ("polygons", loader(POLYGONS)),
    ("groups of aspect ratios", loader(SMALL, batch_sampler=dict(type="AspectRatioBatchSampler"))),
    ("last batch dropped", loader(SMALL, drop_last=True)),
], ids=lambda value: value if isinstance(value, str) else "")
def test_batches_equal_those_of_mmdet(tmp_path, name, dataloader):
    theirs, ours = both(tmp_path, dataloader)
    assert len(theirs) >= 6
    assert_same(ours, theirs)


def test_batches_equal_those_of_mmpretrain(tmp_path):
    preprocessor = dict(type="mmpretrain.SelfSupDataPreprocessor", mean=[123.675, 116.28, 103.53],
                        std=[58.395, 57.12, 57.375], to_rgb=True)
    pytest.importorskip("mmpretrain.datasets", reason="no mmpretrain")
    pytest.importorskip("mmpretrain.models", reason="no mmpretrain")
    theirs, ours = both(tmp_path, mae_loader(), scope="mmpretrain",
                        model=dict(type="RecordingModel", data_preprocessor=preprocessor))
    assert len(theirs) == 2 * 32
    for batch in theirs:
        for part in batch:
            for sample in part["data_samples"]:
                # mmpretrain's RandomResizedCrop writes the shape of the array; other transforms, and pinfeed, (H, W).
                assert sample.img_shape == (224, 224, 3)
                sample.set_metainfo(dict(img_shape=(224, 224)))
    assert_same(ours, theirs)


@pytest.mark.parametrize("sampler", ["DefaultSampler", "InfiniteSampler"])
def test_batches_of_the_loop_over_iterations_are_equal(tmp_path, sampler, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)  # mmengine waits 2 s at the end of an epoch
    theirs, ours = both(tmp_path, loader(SMALL, sampler=sampler), dict(type="IterBasedTrainLoop", max_iters=14))
    assert len(ours) == 14
    assert_same(ours, theirs)


def test_boxes_without_box_type_are_tensors(tmp_path):
    pipeline = [SMALL[0], dict(type="LoadAnnotations", with_bbox=True, box_type=None), SMALL[-1]]
    theirs, ours = both(tmp_path, loader(pipeline), dict(EPOCHS, max_epochs=1))
    assert isinstance(ours[0][0]["data_samples"][0].gt_instances.bboxes, torch.Tensor)
    assert_same(ours, theirs)


def test_validation_sees_the_same_batches(tmp_path):
    pipeline = [SMALL[0], SMALL[2], SMALL[1], dict(type="PackDetInputs", meta_keys=(
        "img_id", "img_path", "ori_shape", "img_shape", "scale_factor"))]
    dataloader = loader(pipeline, batch_size=3, drop_last=False)
    dataloader["sampler"] = dict(type="DefaultSampler", shuffle=False)
    dataloader["dataset"]["test_mode"] = True

    def validated(dataloader):
        runner = openmmlab.runner(config(tmp_path, loader(SMALL), EPOCHS, val_dataloader=dataloader,
                                         val_cfg=dict(type="ValLoop"), val_evaluator=dict(type="CountMetric")))
        return runner.val(), runner.model.seen

    theirs, ours = validated(dataloader), validated(with_pinfeed(dataloader))
    assert ours[0] == theirs[0] == dict(count=22, classes=80)
    assert_same(ours[1], theirs[1])


def faster_rcnn():
    """A Faster R-CNN with mmdet's parts and few channels."""
    box = dict(type="DeltaXYWHBBoxCoder", target_means=[0.] * 4, target_stds=[.1, .1, .2, .2])
    sampler = dict(type="RandomSampler", num=32, pos_fraction=0.5, neg_pos_ub=-1, add_gt_as_proposals=False)
    assigner = dict(type="MaxIoUAssigner", pos_iou_thr=0.5, neg_iou_thr=0.5, min_pos_iou=0.3)
    return dict(
        type="FasterRCNN", data_preprocessor=PREPROCESSOR,
        backbone=dict(type="ResNet", depth=18, base_channels=8, out_indices=(0, 1, 2, 3)),
        neck=dict(type="FPN", in_channels=[8, 16, 32, 64], out_channels=16, num_outs=5),
        rpn_head=dict(type="RPNHead", in_channels=16, feat_channels=16,
                      anchor_generator=dict(type="AnchorGenerator", scales=[8], ratios=[0.5, 1.0, 2.0],
                                            strides=[4, 8, 16, 32, 64]), bbox_coder=box),
        roi_head=dict(type="StandardRoIHead",
                      bbox_roi_extractor=dict(type="SingleRoIExtractor", out_channels=16,
                                              featmap_strides=[4, 8, 16, 32],
                                              roi_layer=dict(type="RoIAlign", output_size=7, sampling_ratio=0)),
                      bbox_head=dict(type="Shared2FCBBoxHead", in_channels=16, fc_out_channels=32, num_classes=80,
                                     bbox_coder=box)),
        train_cfg=dict(rpn=dict(assigner=assigner, sampler=sampler, allowed_border=-1, pos_weight=-1),
                       rpn_proposal=dict(nms_pre=100, max_per_img=50, nms=dict(type="nms", iou_threshold=0.7),
                                         min_bbox_size=0),
                       rcnn=dict(assigner=assigner, sampler=dict(sampler, add_gt_as_proposals=True), pos_weight=-1)),
        test_cfg=dict(rpn=dict(nms_pre=100, max_per_img=50, nms=dict(type="nms", iou_threshold=0.7), min_bbox_size=0),
                      rcnn=dict(score_thr=0.05, nms=dict(type="nms", iou_threshold=0.5), max_per_img=100)))


@mmengine.registry.HOOKS.register_module()
class LossHook(mmengine.hooks.Hook):
    """Keeps the losses of each iteration."""

    def before_run(self, runner):
        runner.losses = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        runner.losses.append({key: float(value) for key, value in outputs.items()})


def test_losses_of_a_detector_are_identical(tmp_path):
    """Its samplers take random numbers: pinfeed's loader must leave those of the model as they are."""
    def trained(dataloader):
        return run(config(tmp_path, dataloader, dict(type="EpochBasedTrainLoop", max_epochs=5), model=faster_rcnn(),
                          custom_hooks=[dict(type="LossHook")]))

    dataloader = loader(SMALL, batch_size=2, persistent=False)
    theirs, ours = trained(dataloader), trained(with_pinfeed(dataloader))
    assert len(theirs.losses) >= 50
    assert ours.losses == theirs.losses
    for name, value in theirs.model.state_dict().items():
        assert torch.equal(value, ours.model.state_dict()[name]), name


def test_use_changes_a_runner(tmp_path):
    dataloader = loader(SMALL)
    theirs = recorded(config(tmp_path, dataloader, EPOCHS))
    runner = openmmlab.runner(config(tmp_path, dataloader, EPOCHS))
    assert pinfeed.mmengine.use(runner) is runner
    runner.train()
    assert isinstance(runner.train_dataloader, pinfeed.mmengine.PinfeedDataLoader)
    assert_same(runner.model.seen, theirs)


def test_use_replaces_the_data_loader_of_a_loop_that_is_built(tmp_path):
    runner = openmmlab.runner(config(tmp_path, loader(SMALL), EPOCHS, pinfeed=None))
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    pinfeed.mmengine.use(runner, settings=dict(replay="openmmlab"))
    runner.train()
    assert_same(runner.model.seen, recorded(config(tmp_path, loader(SMALL), EPOCHS)))


def test_use_refuses_what_it_cannot_read(tmp_path):
    runner = openmmlab.runner(config(tmp_path, loader(SMALL), EPOCHS))
    with pytest.raises(pinfeed.Error, match="the runner's val_dataloader is None; it must be a dict"):
        pinfeed.mmengine.use(runner, splits=("val",))
    with pytest.raises(pinfeed.Error, match="splits names 'valid'"):
        pinfeed.mmengine.use(runner, splits=("valid",))


def test_other_data_loaders_are_built_as_before():
    with mmengine.registry.DefaultScope.overwrite_default_scope("mmdet"):
        made = Runner.build_dataloader(loader(SMALL), seed=1)
        assert type(made) is torch.utils.data.DataLoader
        ours = Runner.build_dataloader(with_pinfeed(loader(SMALL)), seed=1)
        assert type(ours) is pinfeed.mmengine.PinfeedDataLoader
        assert (ours.loader.seed, ours.batch_size, ours.num_workers, len(ours)) == (1, 4, 2, len(made))
        assert len(ours.sampler) == len(made.sampler)


def test_errors_of_the_config_name_the_key(tmp_path):
    wrong = loader([dict(type="LoadImageFromFile"), dict(type="Resize", scal=(160, 128)), SMALL[-1]])
    with pytest.raises(pinfeed.Error) as caught:
        run(config(tmp_path, with_pinfeed(wrong), EPOCHS))
    assert caught.value.kind == "config"
    assert "train_dataloader.dataset.pipeline[1]" in str(caught.value) and "scal" in str(caught.value)
