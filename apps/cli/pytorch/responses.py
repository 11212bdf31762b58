"""The responses of all classes to one image in PyTorch alone: what `clearmaps bench --against-pytorch` compares with.

Needs PyTorch and NumPy, nothing of clearmaps. By itself it times each way and prints a table:

    python3 responses.py FOLDER [--rule guided|deconvnet] [--threads N] [--rounds N]

FOLDER holds a chain of layers as model.json with its weights (the LayersModel format of TensorFlow.js), and, where
there is one, image.npy [1, H, W, C] and responses.npy [N, H, W, C] to agree with. With --serve it takes lines
"WAY THREADS" on stdin, runs that way once, and prints how long it took as a line of JSON.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as error:
    sys.exit(f"{sys.executable} has no {error.name}; install PyTorch and NumPy: python3 -m pip install torch numpy")


def read_model(folder):
    """The net up to its class scores, without the softmax, and [H, W, C] of its input."""
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as file:
        model = json.load(file)
    weights = {}
    for group in model["weightsManifest"]:
        numbers = np.concatenate([np.fromfile(os.path.join(folder, path), "<f4") for path in group["paths"]])
        for spec in group["weights"]:
            if spec["dtype"] != "float32" or "quantization" in spec:
                sys.exit(f"{spec['name']}: weights of type {spec['dtype']}; here only plain float32 is read")
            values, numbers = np.split(numbers, [math.prod(spec["shape"])])
            weights[spec["name"]] = torch.tensor(values.reshape(spec["shape"]))
    topology = model["modelTopology"]
    if topology["class_name"] != "Sequential":
        sys.exit(f"the net is a {topology['class_name']}; here only a chain of layers, Sequential, is read")
    modules = []
    for layer in topology["config"]["layers"]:
        kind, config = layer["class_name"], layer["config"]
        if kind == "InputLayer":
            shape = config["batch_input_shape"][1:]
        else:
            modules += MODULES.get(kind, unknown)(config, weights)
    return nn.Sequential(*modules).eval().requires_grad_(False), shape


def convolution(config, weights):
    same = config["padding"] == "same"
    if config["strides"] != [1, 1] or config["dilation_rate"] != [1, 1] or config["activation"] != "linear":
        unknown(config, weights)
    if same and any(side % 2 == 0 for side in config["kernel_size"]):
        unknown(config, weights)
    kernel = weights[f"{config['name']}/kernel"].permute(3, 2, 0, 1).contiguous()
    padding = [side // 2 if same else 0 for side in config["kernel_size"]]
    module = nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:], padding=padding)
    module.weight.data = kernel
    module.bias.data = weights.get(f"{config['name']}/bias", torch.zeros(len(kernel)))
    return [module]


def relu(config, weights):
    return unknown(config, weights) if config.get("max_value") is not None else [nn.ReLU()]


def max_pool(config, weights):
    if config["padding"] != "valid" or config["strides"] != config["pool_size"]:
        unknown(config, weights)
    return [nn.MaxPool2d(tuple(config["pool_size"]))]


def unknown(config, _):
    sys.exit(f'layer "{config["name"]}" is of a kind that is not read here, which are those of Tables 2 to 4')


MODULES = {
    "Conv2D": convolution,
    "ReLU": relu,
    "MaxPooling2D": max_pool,
    "GlobalAveragePooling2D": lambda *_: [nn.AdaptiveAvgPool2d(1), nn.Flatten()],
    "Softmax": lambda *_: [],
}


class Captum:
    """`attribute` of captum.attr.GuidedBackprop and captum.attr.Deconvolution.

    As in captum/attr/_core/guided_backprop_deconvnet.py, with the hooks of `_register_backward_hook` in
    captum/_utils/common.py and the gradient of `compute_gradients` in captum/_utils/gradient.py (Captum 0.5 and
    later). Its warnings, its checks and its logging are left out, which can only make it faster.
    """

    def __init__(self, model, rule):
        self.model = model
        self.use_relu_grad_output = rule == "deconvnet"

    def attribute(self, images, target):
        """The gradient of score target[i] of image i, through the changed ReLUs."""
        images = images.detach().requires_grad_()
        handles = []
        try:
            for module in self.model.modules():
                if isinstance(module, nn.ReLU):
                    handles += self.register(module)
            scores = self.model(images)[torch.arange(len(images)), target]
            return torch.autograd.grad(torch.unbind(scores), images)[0]
        finally:
            for handle in handles:
                handle.remove()

    def register(self, module):
        grad_output = None

        def output_hook(gradient):
            nonlocal grad_output
            grad_output = gradient

        def input_hook(gradient):
            return F.relu(grad_output if self.use_relu_grad_output else gradient)

        def before(_, inputs):
            inputs[0].register_hook(input_hook)
            return inputs[0].clone()

        def after(_, __, output):
            output.register_hook(output_hook)

        return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]


class ByHand:
    """One forward pass, then all classes back through it as one batch, without autograd.

    A convolution goes back as the convolution with the flipped kernel, which oneDNN computes faster than a transposed
    one; unpooling is a nearest-neighbour upsampling behind a mask of the maxima, which keeps the memory format.
    """

    def __init__(self, model, rule, memory_format):
        self.steps = []
        self.guided = rule == "guided"
        self.format = memory_format
        for module in model:
            if isinstance(module, nn.AdaptiveAvgPool2d):
                break
            if isinstance(module, nn.Conv2d):
                kernel = module.weight.contiguous(memory_format=memory_format)
                back = module.weight.flip(2, 3).transpose(0, 1).contiguous(memory_format=memory_format)
                way_back = [side - 1 - pad for side, pad in zip(module.kernel_size, module.padding)]
                self.steps.append(("conv", (kernel, module.bias, module.padding, back, way_back)))
            elif isinstance(module, nn.ReLU):
                self.steps.append(("relu", None))
            else:
                self.steps.append(("pool", module.kernel_size))

    @torch.inference_mode()
    def responses(self, image, classes_at_a_time=None):
        """What Captum gives, [N, C, H, W]: from a seed of 1 / (h w) at every place of the class's channel."""
        x = image.contiguous(memory_format=self.format)
        masks = []
        for kind, data in self.steps:
            if kind == "conv":
                kernel, bias, padding = data[:3]
                x = F.conv2d(x, kernel, bias, padding=padding)
            elif kind == "relu":
                x = x.relu_()
                masks.append(x > 0 if self.guided else None)
            else:
                shape = x.shape
                x, index = F.max_pool2d(x, data, return_indices=True)
                mask = F.max_unpool2d(torch.ones_like(x), index, data, output_size=shape)
                masks.append(mask.contiguous(memory_format=self.format))
        classes, height, width = x.shape[1:]
        seeds = torch.eye(classes)[:, :, None, None].expand(-1, -1, height, width) / (height * width)
        chunks = seeds.split(classes_at_a_time or classes)
        return torch.cat([self.back(chunk.contiguous(memory_format=self.format), masks) for chunk in chunks])

    def back(self, r, masks):
        masks = list(masks)
        for kind, data in reversed(self.steps):
            if kind == "conv":
                r = F.conv2d(r, data[3], padding=data[4])
                continue
            mask = masks.pop()
            if kind == "relu":
                r = r.relu_() if mask is None else r.relu_().mul_(mask)
            else:
                # Rows and columns that no window held stay zero.
                r = F.interpolate(r, scale_factor=tuple(float(side) for side in data), mode="nearest")
                bottom, right = mask.shape[2] - r.shape[2], mask.shape[3] - r.shape[3]
                r = (F.pad(r, (0, right, 0, bottom)) if bottom or right else r).mul_(mask)
        return r


class Ways:
    """The ways to the responses of all N classes, [N, C, H, W], each a function of the image, [1, C, H, W]."""

    def __init__(self, model, rule):
        self.model = model
        self.rule = rule
        captum = Captum(model, rule)
        contiguous = ByHand(model, rule, torch.contiguous_format)
        channels_last = ByHand(model, rule, torch.channels_last)

        def one_by_one(image):
            classes = self.class_count
            return torch.cat([captum.attribute(image, torch.tensor([c])) for c in range(classes)])

        def as_batch(image):
            classes = self.class_count
            return captum.attribute(image.repeat(classes, 1, 1, 1), torch.arange(classes))

        self.ways = {
            "captum": ("Captum's method, by hooks", one_by_one),
            "captum-batch": ("the same, a batch of N images", as_batch),
            "batched-gradient": ("forward once, batched gradient", self.batched_gradient),
            "by-hand": ("by hand, without autograd", contiguous.responses),
            "by-hand-nhwc": ("the same, channels last", channels_last.responses),
            "by-hand-one": ("by hand, a class at a time", lambda image: contiguous.responses(image, 1)),
        }

    @property
    def class_count(self):
        return [module for module in self.model if isinstance(module, nn.Conv2d)][-1].out_channels

    def batched_gradient(self, image):
        """One forward pass that autograd remembers, and its gradients of all scores by `is_grads_batched`."""
        image = image.detach().requires_grad_()
        x = image
        for module in self.model:
            if isinstance(module, nn.ReLU):
                x = x.clone() if x is image else x
                # Autograd calls hooks in the order in which the gradient passes: the output's, then the input's.
                x.register_hook(F.relu)
                x = F.relu(x) if self.rule == "guided" else PassRelu.apply(x)
            else:
                x = module(x)
        seeds = torch.eye(x.shape[1])[:, None]
        return torch.autograd.grad(x, image, seeds, is_grads_batched=True)[0][:, 0]


class PassRelu(torch.autograd.Function):
    """A ReLU whose gradient passes unchanged: a hook on its input rectifies it."""

    @staticmethod
    def forward(ctx, x):
        return F.relu(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def explain(way, image):
    """Responses, and of each pixel the dominant class and its response (CLEAR eqs. 4 and 5), as clearmaps gives."""
    responses = way(image)
    return responses, responses.sum(1).max(0)


class Subject:
    def __init__(self, folder, rule):
        model, (height, width, channels) = read_model(folder)
        self.ways = Ways(model, rule).ways
        image = load(folder, "image.npy")
        if image is None:
            image = torch.rand((1, height, width, channels), generator=torch.Generator().manual_seed(0))
        self.image = image.permute(0, 3, 1, 2).contiguous()
        self.expected = load(folder, "responses.npy")
        with torch.no_grad():
            feature_map = model[:-2](self.image)
        # A class score is the mean over the places of the feature map, whose seed here is 1 / (h w), and 1 there.
        self.places = feature_map.shape[2] * feature_map.shape[3]

    def difference(self, name):
        """|found - expected| / |expected|, Euclidean norms, or None where there is nothing to agree with."""
        if self.expected is None:
            return None
        found, _ = explain(self.ways[name][1], self.image)
        found = found.permute(0, 2, 3, 1) * self.places
        return (torch.linalg.vector_norm(found - self.expected) / torch.linalg.vector_norm(self.expected)).item()

    def run(self, name, threads):
        """Milliseconds of one run."""
        if threads != torch.get_num_threads():
            torch.set_num_threads(threads)
        start = time.perf_counter()
        explain(self.ways[name][1], self.image)
        return 1000 * (time.perf_counter() - start)


def load(folder, name):
    path = os.path.join(folder, name)
    return torch.from_numpy(np.load(path)) if os.path.exists(path) else None


def serve(subject):
    say(
        torch=torch.__version__,
        oneDnn=torch.backends.mkldnn.is_available(),
        ways=[{"way": name, "title": title} for name, (title, _) in subject.ways.items()],
    )
    for line in sys.stdin:
        name, threads = line.split()
        if threads == "check":
            say(difference=subject.difference(name))
        else:
            say(ms=subject.run(name, int(threads)))


def say(**message):
    print(json.dumps(message), flush=True)


def table(subject, threads, rounds):
    print(f"PyTorch {torch.__version__}, {threads} threads, {rounds} rounds after one to warm up")
    print(f"{'':34} {'fastest':>10} {'median':>10}  differs by")
    for name, (title, _) in subject.ways.items():
        subject.run(name, threads)
        times = [subject.run(name, threads) for _ in range(rounds)]
        difference = subject.difference(name)
        told = "-" if difference is None else f"{difference:.0e}"
        print(f"{title:34} {min(times):7.2f} ms {statistics.median(times):7.2f} ms  {told}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rule", choices=["guided", "deconvnet"], default="guided")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--serve", action="store_true")
    flags = parser.parse_args()
    subject = Subject(flags.folder, flags.rule)
    if flags.serve:
        serve(subject)
    else:
        table(subject, flags.threads, flags.rounds)


if __name__ == "__main__":
    main()
