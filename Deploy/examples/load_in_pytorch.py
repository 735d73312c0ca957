#!/usr/bin/env python3
"""Loads a network that nasd found into stock PyTorch and measures it on the test data of its run.

The file is safetensors; its metadata key `nasd` holds a JSON description of the architecture, the normalisation, the data
and what nasd measured. Builds vision transformers (vit), convolutional networks (cnn, batch norms kept or folded) and perceptrons
(mlp) that tell classes or numbers. Reads, plain or gzip, images as IDX, CIFAR-10 and CIFAR-100 records, .npy and .npz, pictures in
folders (with Pillow), vectors as .npy and tables as CSV (Documentation/data-formats.md), and draws the generated glyphs. Columns of texts, and those that miss values in training, are
refused where the network's file does not say which inputs they become.
Prints PyTorch's accuracy, or root mean squared error, beside nasd's.

needs: python3 -m pip install torch numpy safetensors, and pillow for pictures
usage: load_in_pytorch.py MODEL.safetensors                      the files that the network names, where the run had them
       load_in_pytorch.py MODEL.safetensors --data DIR           the same files in another folder
       load_in_pytorch.py MODEL.safetensors --images X --labels Y          IDX or .npy files of your own
       load_in_pytorch.py MODEL.safetensors --files test_batch.bin
"""
import argparse
import csv
import gzip
import io
import json
import os
import re
import struct

import numpy as np

RECORD = 1 + 3 * 32 * 32
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def network_classes():
    """The networks in PyTorch by their families; in a function so that the data can be read without PyTorch."""
    import torch
    import torch.nn.functional as F

    class Network(torch.nn.Module):
        """Parameters under their dotted names, and the layers that several families have."""

        def __init__(self, architecture, weights):
            super().__init__()
            self.a = architecture
            self.w = torch.nn.ParameterDict({k.replace(".", "/"): torch.nn.Parameter(v) for k, v in weights.items()})

        def p(self, name):
            return self.w[name.replace(".", "/")]

        def linear(self, x, name):
            return F.linear(x, self.p(name + ".weight"), self.p(name + ".bias"))

        def norm(self, x, name):
            return F.layer_norm(x, x.shape[-1:], self.p(name + ".weight"), self.p(name + ".bias"), 1e-5)

    class MultilayerPerceptron(Network):
        """A pre-norm residual perceptron whose blocks differ in hidden width."""

        def forward(self, inputs):
            """inputs: (batch, features), normalised."""
            x = self.linear(inputs, "stem")
            for index in range(len(self.a["hidden"])):
                block = f"blocks.{index}."
                y = F.gelu(self.linear(self.norm(x, block + "norm"), block + "expansion"))
                x = x + self.linear(y, block + "contraction")
            return self.linear(self.norm(x, "finalNorm"), "head")

    class ConvolutionalNetwork(Network):
        """Inverted bottlenecks (expand, depthwise, squeeze and excite, project), or the blocks of residual networks; norms are there
        or folded into weights and biases."""

        def has(self, name):
            return name.replace(".", "/") in self.w

        def convolve(self, x, name, activation=None, stride=1, groups=1):
            weight, bias = self.p(name + ".weight"), name + ".bias"
            bias = self.p(bias) if self.has(bias) else None
            x = F.conv2d(x, weight, bias, stride, weight.shape[-1] // 2, 1, groups)
            if bias is None and self.has(name + ".norm.mean"):
                own = [self.p(f"{name}.norm.{part}") for part in ("mean", "variance", "weight", "bias")]
                x = F.batch_norm(x, *own, eps=self.a["epsilon"])
            return self.activate(x, activation)

        @staticmethod
        def activate(x, name):
            functions = {"relu": F.relu, "relu6": F.relu6, "hswish": F.hardswish, "swish": F.silu, None: lambda x: x}
            return functions[name](x)

        def read(self, x, activation):
            stride = self.a["stem"][1]
            if "deepStem" in self.a:
                x = self.convolve(x, "stem.first", activation, stride)
                for place in range(self.a["deepStem"][1]):
                    x = x + self.convolve(x, f"stem.between.{place}", activation)
                stride = 1
            x = self.convolve(x, "stem", activation, stride)
            return F.max_pool2d(x, 3, 2, 1) if "stemPool" in self.a else x

        def residual(self, x, index, block, activation):
            stride, shortcut = self.a["strides"][index], x
            if self.a["shortcuts"][index] > 1:
                shortcut = F.avg_pool2d(x, stride, stride, ceil_mode=True) if stride > 1 else x
                shortcut = self.convolve(shortcut, block + "shortcut")
            y = self.convolve(x, block + "reduce", activation) if self.has(block + "reduce.weight") else x
            y = self.convolve(y, block + "spatial", activation, stride)
            return self.activate(self.convolve(y, block + "project") + shortcut, activation)

        def forward(self, images):
            """images: (batch, height, width, channels), normalised."""
            stem, *activations, head = self.a["activations"]
            x = images.permute(0, 3, 1, 2)
            if "resolution" in self.a:
                x = F.interpolate(x, tuple(self.a["resolution"]), mode="bilinear", antialias=True, align_corners=False)
            x = self.read(x, stem)
            for index, number in enumerate(self.a["numbers"]):
                block, activation = f"blocks.{number}.", activations[index]
                if "kinds" in self.a and self.a["kinds"][index] != "inverted":
                    x = self.residual(x, index, block, activation)
                    continue
                y = x
                if self.has(block + "expand.weight"):
                    y = self.convolve(y, block + "expand", activation)
                y = self.convolve(y, block + "depthwise", activation, self.a["strides"][index], y.shape[1])
                if self.a["squeezed"][index]:
                    gates = F.relu(self.linear(y.mean((2, 3)), block + "squeeze"))
                    y = y * F.hardsigmoid(self.linear(gates, block + "excite"))[:, :, None, None]
                y = self.convolve(y, block + "project")
                x = x + y if self.a["shortcuts"][index] else y
            width, mix = self.a["head"]
            if width:
                x = self.convolve(x, "head", head)
            x = x.mean((2, 3))
            if mix:
                x = self.activate(F.linear(x, self.p("mix.weight")), head)
            return self.linear(x, "classifier")

    class VisionTransformer(Network):
        """A pre-norm vision transformer whose blocks differ in heads and hidden width."""

        def forward(self, images):
            """images: (batch, height, width, channels), normalised."""
            batch, height, width, channels = images.shape
            patch, embed, head = self.a["patch"], self.a["embed"], self.a["headWidth"]
            rows, columns = height // patch, width // patch
            x = images.view(batch, rows, patch, columns, patch, channels).permute(0, 1, 3, 2, 4, 5)
            x = self.linear(x.reshape(batch, rows * columns, -1), "patch")
            x = torch.cat([self.p("classToken").view(1, 1, embed).expand(batch, -1, -1), x], 1) + self.p("positions")
            for index, heads in enumerate(self.a["heads"]):
                block = f"blocks.{index}."
                y = self.norm(x, block + "attentionNorm")
                parts = (self.linear(y, block + name) for name in ("query", "key", "value"))
                q, k, v = (part.view(batch, -1, heads, head).transpose(1, 2) for part in parts)
                y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, -1, heads * head)
                x = x + self.linear(y, block + "projection")
                y = F.gelu(self.linear(self.norm(x, block + "mlpNorm"), block + "expansion"))
                x = x + self.linear(y, block + "contraction")
            return self.linear(self.norm(x[:, 0], "finalNorm"), "head")

    return {"cnn": ConvolutionalNetwork, "mlp": MultilayerPerceptron, "vit": VisionTransformer}


# --- Files


def contents(directory, name):
    """The bytes of a file, which is looked up with and without .gz, unpacked where they are gzip."""
    names = [name, name[:-3] if name.endswith(".gz") else name + ".gz"]
    paths = [os.path.join(directory, candidate) for candidate in names]
    path = next((path for path in paths if os.path.exists(path)), None)
    if path is None:
        raise SystemExit(f"no data file {paths[0]}; name its folder with --data")
    with open(path, "rb") as file:
        raw = file.read()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def array_format(raw):
    """Which array format contents are of by their first bytes; None for neither."""
    if raw[:6] == b"\x93NUMPY":
        return "npy"
    return "idx" if len(raw) > 4 and raw[:2] == b"\0\0" and raw[2] in IDX_TYPES and raw[3] > 0 else None


def read_array(raw, format, name):
    """The array of an IDX or .npy file; the name and the expected format, None for either, are for refusals."""
    found = array_format(raw)
    if found is None or (format or found) != found:
        raise ValueError(f"{name}: expected {format or 'idx or npy'}, found {found or 'neither idx nor npy'}")
    if found == "npy":
        return np.load(io.BytesIO(raw), allow_pickle=False)
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    return np.frombuffer(raw, IDX_TYPES[raw[2]], offset=4 + 4 * rank).reshape(shape)


def read_labels(array):
    """Labels from a list, a row, a column, or rows of zeros with a single one; anything else is refused, as nasd does."""
    if sum(side > 1 for side in array.shape) > 1:
        if array.ndim != 2 or not ((array == 0) | (array == 1)).all() or (array.sum(axis=1) != 1).any():
            raise ValueError("labels: expected one label an image, or rows of zeros with a single one")
        return array.argmax(axis=1)
    with np.errstate(invalid="ignore"):
        labels = array.reshape(-1).astype(np.int64)
    if (labels != array.reshape(-1)).any() or (labels < 0).any():
        raise ValueError("labels: expected whole numbers from 0")
    return labels


def read_records(raw, labels=1):
    """Images and labels of CIFAR-10 records: a label, then a red, a green and a blue plane. Those of CIFAR-100 have two labels, the
    second of which counts."""
    records = np.frombuffer(raw, np.uint8).reshape(-1, RECORD - 1 + labels)
    return records[:, labels:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, labels - 1].astype(np.int64)


def as_floats(pixels):
    """Unsigned bytes count as value / 255, everything else as it is."""
    return pixels.astype(np.float32) / np.float32(255) if pixels.dtype == np.uint8 else pixels.astype(np.float32)


def section(text):
    """What a network file says of its data: a YAML mapping in block style, without anchors, comments or plain texts."""
    root = {}
    open_mappings = [root]
    for line in text.splitlines():
        level = (len(line) - len(line.lstrip())) // 2
        key, _, value = line.strip().partition(": ")
        parent = open_mappings[level]
        if line.endswith(":"):
            parent[key.rstrip(":")] = {}
            open_mappings[level + 1 :] = [parent[key.rstrip(":")]]
        else:
            parent[key] = scalar(value)
    return root


def scalar(text):
    """A number, a word, a quoted text or a list of these, as nasd writes them."""
    # Escapes are taken one after the other, so that a backslash that is escaped itself begins none.
    escaped = re.sub(
        r"\\(?:U([0-9a-f]{8})|.)", lambda match: json.dumps(chr(int(match[1], 16)))[1:-1] if match[1] else match[0], text)
    try:
        return json.loads(escaped)
    except ValueError:
        return text


def test_data(data, options, description=None, seed=0):
    """Images as floats (count, height, width, channels), and labels: those of the options, or of the run. Pictures become what the
    network of a description reads.

    Raises ValueError for files of another format, and for labels that nasd refuses.
    """
    directory = options.data if options.data is not None else data.get("directory", ".")
    if options.images or options.files:
        directory = options.data or "."
    if options.images:
        # Of any of the formats that tell themselves apart, whatever the run's is.
        format = options.format
    else:
        format = "cifar10" if options.files else data["format"]
    if format == "glyphs":
        return draw_glyphs(data["testCount"])
    if format == "image-folder":
        return read_folder(data, directory, seed, description)
    if format in ("cifar10", "cifar100"):
        files = options.files or data["test"]["files"]
        raw = b"".join(contents(directory, name) for name in files)
        pixels, labels = read_records(raw, labels=2 if format == "cifar100" else 1)
        return as_floats(pixels), labels
    if format == "npz":
        part = data["test"]
        with np.load(io.BytesIO(contents(directory, part["file"])), allow_pickle=False) as arrays:
            return as_floats(arrays[part["images"]]), read_labels(arrays[part["labels"]])
    image_file = options.images or data["test"]["images"]
    label_file = options.labels or data["test"]["labels"]
    images = read_array(contents(directory, image_file), format, image_file)
    labels = read_labels(read_array(contents(directory, label_file), format, label_file))
    if len(images) != len(labels):
        raise ValueError(f"{image_file} holds {len(images)} images but {label_file} holds {len(labels)} labels")
    return as_floats(images), labels


# --- Pictures

ENDINGS, MOST_PIXELS, MOST_DEPTH = (".png", ".jpg", ".jpeg", ".jpe", ".jfif"), 1 << 26, 8


def picture_paths(directory, folder, classes):
    """The pictures of each class with their labels, in nasd's order; links out of the directory are left out."""
    root, found = os.path.realpath(directory), []
    for label, name in enumerate(classes):
        top, paths = os.path.join(directory, folder, name), []
        for place, folders, files in os.walk(top):
            folders[:] = [one for one in folders if not one.startswith(".")]
            if os.path.relpath(place, top).count(os.sep) >= MOST_DEPTH:
                raise ValueError(f"{place}: more than {MOST_DEPTH} folders within a class's")
            paths += [os.path.join(place, one) for one in files if one.lower().endswith(ENDINGS) and not one.startswith(".")]
        inside = (path for path in paths if os.path.commonpath([root, os.path.realpath(path)]) == root)
        found += [(path, label) for path in sorted(inside)]
    return found


def read_picture(path, shape, fit):
    """A picture as bytes (height, width, channels): upright, over white, cut or stretched, its mean taken over a triangle.

    Raises OSError for a file that is none, or too large.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=["PNG", "JPEG"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise OSError("too many pixels")
        image.load()
        if image.mode.startswith("I"):
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image = ImageOps.exif_transpose(image)
        if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
            over = Image.new("RGBA", image.size, "white")
            over.alpha_composite(image.convert("RGBA"))
            image = over
        image = image.convert("RGB")
    height, width, channels = shape
    box = (0, 0, image.width, image.height)
    if fit == "crop":
        rows, columns = min(image.height, image.width * height / width), min(image.width, image.height * width / height)
        top, left = (image.height - rows) / 2, (image.width - columns) / 2
        box = (left, top, left + columns, top + rows)
    pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR, box=box))
    if channels == 3:
        return pixels
    return np.rint(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)[:, :, None]


def read_folder(data, directory, seed, description):
    """The test pictures of a folder; those that cannot be read are left out, and told."""
    names, shape = description.get("classes"), tuple(description["architecture"]["image"])
    if not names:
        raise ValueError("the network's file does not name its classes, which are the folders")
    folder, images, labels = data["test"].get("folder", data["train"]["folder"]), [], []
    for path, label in picture_paths(directory, folder, names):
        try:
            images.append(read_picture(path, shape, data["fit"]))
            labels.append(label)
        except (OSError, SyntaxError, ValueError) as error:
            print(f"{path} is left out: {error}")
    if not images:
        raise ValueError(f"no pictures in {os.path.join(directory, folder)}; name the folder of the data with --data")
    places, labels = range(len(images)), np.array(labels, np.int64)
    if "share" in data["test"]:
        places, share = [], data["test"]["share"]
        for label in range(len(names)):
            own = np.flatnonzero(labels == label).tolist()
            drawn = min(len(own) - 1, max(1, int(len(own) * share + 0.5))) if len(own) > 1 else 0
            places += shuffled(own, seed, (1 << 32) + label)[:drawn]
        places = sorted(places)
    return as_floats(np.stack([images[place] for place in places])), labels[list(places)]


# --- Vectors and tables

BLANKS, USUAL_MISSING = " \t\r", ["", "?", "NA", "nan"]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def are_numbers(texts):
    return all(NUMBER.fullmatch(text) for text in texts)


def classes_of(texts):
    """Classes in the order of the outputs: by their numbers where all are numbers, each once, and by their bytes otherwise."""
    if are_numbers(texts):
        return list({float(text): text for text in sorted(texts, key=float)}.values())
    return sorted(set(texts), key=str.encode)


def labels_of(texts, classes):
    """The place of each text among the classes; numbers are the same class however they are written, where all are numbers.

    Raises ValueError for a class that the network does not know.
    """
    value = float if are_numbers(classes) else str
    places = {value(text): place for place, text in enumerate(classes)}
    unknown = [text for text in set(texts) if value is float and not are_numbers([text]) or value(text) not in places]
    if unknown:
        raise ValueError(f"the network does not know the class {min(unknown)}")
    return np.array([places[value(text)] for text in texts], np.int64)


def column_inputs(column, values):
    """What a column becomes, (count, inputs): numbers, not a number for what is missing, or texts, none for what is missing."""
    is_missing = np.array([value is None or value != value for value in values])
    if "categories" in column:
        places = {text.strip(BLANKS): place for place, text in enumerate(column["categories"])}
        inputs = np.zeros((len(values), len(places)), np.float32)
        for row, value in enumerate(values):
            if value in places:
                inputs[row, places[value]] = 1
    else:
        kind = np.float64 if column["valueBits"] == 64 else np.float32
        scaled = (np.asarray(values, np.float64).astype(kind) - kind(column["mean"])) / kind(column["deviation"])
        inputs = np.nan_to_num(scaled.clip(-1e15, 1e15), nan=0).astype(np.float32).reshape(-1, 1)
    return np.hstack([inputs, is_missing.reshape(-1, 1).astype(np.float32)]) if column.get("missing") else inputs


def plain_columns(names, description):
    """How columns of numbers without missing values become inputs, where the network's file has no more than the normalisation.

    Raises ValueError where columns have other inputs.
    """
    scaling = description["normalization"]
    if description.get("format") == "nasd-model/3":
        raise ValueError("the network's file has no room for how rows become inputs, which this script reads; use nasd evaluate")
    if len(names) != len(scaling["mean"]):
        raise ValueError(
            f"the network reads {len(scaling['mean'])} inputs of {len(names)} columns, and its file does not tell which: those "
            "that miss values in training have two. This script reads such tables where the file says how rows become inputs")
    return [
        {"name": name, "mean": mean, "deviation": deviation, "valueBits": 32, "missing": False}
        for name, mean, deviation in zip(names, scaling["mean"], scaling["deviation"])]


def read_vectors(data, directory, description):
    """The inputs of the test part, and labels, or targets (count, outputs)."""

    def array(part, key):
        return read_array(contents(directory, data[part][key]), "npy", data[part][key])

    vectors, table = array("test", "inputs"), description.get("table")
    if len(vectors) == 0 or vectors.ndim != 2:
        raise ValueError(f"{data['test']['inputs']} holds no vectors, which have the shape (count, numbers)")
    columns = table["inputs"] if table else plain_columns([f"c{place + 1}" for place in range(vectors.shape[1])], description)
    if vectors.shape[1] != len(columns):
        raise ValueError(f"the network reads vectors of {len(columns)} numbers, {data['test']['inputs']} has {vectors.shape[1]}")
    inputs = np.hstack([column_inputs(column, vectors[:, place]) for place, column in enumerate(columns)])
    if description.get("targets"):
        return inputs, array("test", "targets").astype(np.float64).reshape(len(inputs), -1)

    def labels(part):
        return [str(label) for label in read_labels(array(part, "labels"))]

    # A network has outputs for the labels of both parts alone.
    tested = labels("test")
    return inputs, labels_of(tested, table["classes"] if table else classes_of(tested + labels("train")))


def read_rows(directory, files, data):
    """The names of the columns of CSV files, and their rows as texts."""
    csv.field_size_limit(1 << 26)
    columns, rows = None, []
    for name in files:
        text = contents(directory, name).decode("utf-8-sig")

        def records(delimiter):
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            return ([field.strip(BLANKS) for field in record] for record in reader if any(map(str.strip, record)))

        delimiter = {"tab": "\t"}.get(data.get("delimiter"), data.get("delimiter"))
        delimiter = delimiter or next((one for one in ",;\t|" if len(next(records(one), [])) > 1), ",")
        found = list(records(delimiter))
        if len(found) <= int(data["header"]):
            raise ValueError(f"{name} holds no rows")
        names = found.pop(0) if data["header"] else [""] * len(found[0])
        columns = columns or [text or f"c{index + 1}" for index, text in enumerate(names)]
        ragged = next((row for row in found if len(row) != len(columns)), None)
        if ragged:
            raise ValueError(f"{name} has a row of {len(ragged)} fields, and {len(columns)} columns: {','.join(ragged)[:80]}")
        rows += found
    return columns, rows


def test_places(test, count, seed):
    """The rows of the training files that test, as nasd takes them: the last ones, or a share that the seed draws."""
    if "last" in test:
        return range(count - test["last"], count)
    return shuffled(range(count), seed, 1)[: int(test["share"] * count + 0.5)]


def shuffled(places, seed, step):
    """Places in the order that a draw of nasd's splits gives them."""
    # Fisher and Yates, by the high half of the product of 64 random bits.
    order = list(places)
    random = Random(seed, 7, step, len(order) + len(order) % 2)
    for last in range(len(order) - 1, 0, -1):
        pick = int(random.next(1)[0]) * (last + 1) >> 64
        order[last], order[pick] = order[pick], order[last]
    return order


def read_table(data, directory, seed, description):
    """The inputs of a table's test rows, and labels or targets (count, 1)."""
    table, target = description.get("table"), data["target"]
    if data.get("categorical") and not table:
        raise ValueError(
            f"the columns of texts ({', '.join(data['categorical'])}) become inputs that the network's file does not tell; this "
            "script reads such tables where the file says how rows become inputs")
    names, rows = read_rows(directory, data["test"].get("files") or data["train"]["files"], data)
    if "files" not in data["test"]:
        tested = [rows[place] for place in test_places(data["test"], len(rows), seed)]
    else:
        tested = rows
        if not table:
            # In the order of the training files' columns, whose classes the network has outputs for, too.
            names, trained = read_rows(directory, data["train"]["files"], data)
            rows = trained + tested
    if target not in names:
        raise ValueError(f"the data have no column {target}")
    columns = table["inputs"] if table else plain_columns([name for name in names if name != target], description)
    absent = {column["name"] for column in columns} - set(names)
    if absent:
        raise ValueError(f"the data have no column {min(absent)}")
    missing = set(data["missing"])
    # What stands for a missing number unless the run says otherwise.
    missing_numbers = missing | {"NaN", "null"} if data["missing"] == USUAL_MISSING else missing

    def values(column):
        place = names.index(column["name"])
        fields = [row[place] for row in tested]
        if "categories" in column:
            return [None if field in missing else field for field in fields]
        return [float("nan") if field in missing_numbers else float(field) for field in fields]

    inputs = np.hstack([column_inputs(column, values(column)) for column in columns])
    place = names.index(target)
    answers = [row[place] for row in tested]
    if description.get("targets"):
        return inputs, np.array(answers, np.float64).reshape(-1, 1)
    return inputs, labels_of(answers, table["classes"] if table else classes_of([row[place] for row in rows]))


def read_data(description, options, shape):
    """Inputs as a network of a shape reads them, and what its outputs are held against: labels, or targets (count, outputs) in
    their own units.

    Raises ValueError for data that this script does not read.
    """
    document, has_targets = section(description["data"]), description.get("targets") is not None
    data = document["data"]
    if data["format"] != "csv" and "inputs" not in data.get("train", {}):
        if has_targets:
            raise ValueError(f"the network tells numbers of images ({data['format']}), which this script does not read")
        images, labels = test_data(data, options, description, document.get("seed", 0))
        return normalised(images, description["normalization"], shape), labels
    if options.images or options.files:
        raise ValueError("--images and --files are of images, and the network reads a table or vectors: name their folder with --data")
    directory = options.data if options.data is not None else data.get("directory", ".")
    if data["format"] == "csv":
        inputs, answers = read_table(data, directory, document.get("seed", 0), description)
    else:
        inputs, answers = read_vectors(data, directory, description)
    if inputs.shape[1] != np.prod(shape):
        raise ValueError(f"the network reads inputs of {shape}, the data have {inputs.shape[1]}")
    return inputs.reshape(len(inputs), *shape), answers


def normalised(images, scaling, shape):
    """Images by their channels, as a network of a shape reads them: of their own, or all values in one row.

    Raises ValueError for images of another shape.
    """
    images = images.reshape(len(images), *images.shape[1:3], -1)
    found = images.shape[1:]
    if found != shape and shape != (np.prod(found),):
        raise ValueError(f"the network reads inputs of {shape}, the data have {found}")
    scaled = (images - np.array(scaling["mean"], np.float32)) / np.array(scaling["deviation"], np.float32)
    return scaled.reshape(len(images), *shape)


def answer_scaling(description):
    """Means and deviations of the numbers that are told, with 64 bits where the file has them; None for classes."""
    exact = (description.get("table") or {}).get("targets")
    if exact:
        return {key: [target[key] for target in exact] for key in ("mean", "deviation")}
    return description.get("targets")


def score(outputs, answers, targets):
    """The name and the value of what nasd measures first: the accuracy, or the root of the mean squared error of numbers."""
    if targets is None:
        return "testAccuracy", float((outputs.argmax(1) == answers).mean())
    mean, deviation = (np.array(targets[key], np.float64) for key in ("mean", "deviation"))
    return "testRmse", float(np.sqrt(np.square(outputs * deviation + mean - answers).mean()))


# --- The generated set: the same bytes as nasd draws


class Random:
    """Philox 4x32-10 (Salmon et al., SC 2011) as a row of 64-bit numbers, an even count of them."""

    def __init__(self, seed, stream, step, count=512):
        index = np.arange(count // 2, dtype=np.uint64)
        low, high = np.uint64(step & 0xFFFFFFFF), np.uint64((step >> 32 & 0xFFFFFF) | stream << 24)
        x, y, z, w = index, np.full_like(index, low), np.full_like(index, high), np.zeros_like(index)
        k0, k1, mask, half = seed & 0xFFFFFFFF, seed >> 32, np.uint64(0xFFFFFFFF), np.uint64(32)
        for _ in range(10):
            first, second = np.uint64(0xD2511F53) * x, np.uint64(0xCD9E8D57) * z
            x, y, z, w = (second >> half) ^ y ^ np.uint64(k0), second & mask, (first >> half) ^ w ^ np.uint64(k1), first & mask
            k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
        self.numbers = np.stack([x | y << half, z | w << half], 1).reshape(-1)
        self.place = 0

    def next(self, count):
        self.place += count
        return self.numbers[self.place - count : self.place]

    def uniform(self, low, high):
        low, high = np.float32(low), np.float32(high)
        return low + (high - low) * (np.float32(int(self.next(1)[0]) >> 40) * np.float32(2.0**-24))


def vector(x, y):
    return np.array([x, y], np.float32)


def arc(turns, radius, growth):
    cosine, sine = np.float32(0.9238795), np.float32(0.38268343)
    direction, points = vector(1, 0), []
    for index in range(turns + 1):
        points.append(direction * (np.float32(radius) + np.float32(growth) * np.float32(index)))
        x, y = direction
        direction = vector(x * cosine - y * sine, x * sine + y * cosine)
    return points


def lines(*strokes):
    return [[vector(*point) for point in stroke] for stroke in strokes]


STROKES = [
    [arc(16, 0.9, 0)],
    lines([(-0.9, 0), (0.9, 0)], [(0, -0.9), (0, 0.9)]),
    lines([(0, -0.85), (0.85, 0.75), (-0.85, 0.75), (0, -0.85)]),
    lines([(-0.75, -0.75), (0.75, -0.75), (0.75, 0.75), (-0.75, 0.75), (-0.75, -0.75)]),
    lines([(-0.75, -0.8), (0.75, -0.8), (-0.75, 0.8), (0.75, 0.8)]),
    lines([(-0.8, -0.8), (0.8, -0.8)], [(0, -0.8), (0, 0.9)]),
    [arc(28, 0.12, 0.03)],
    lines([(0.7, -0.85), (-0.7, -0.85), (-0.7, 0.85), (0.7, 0.85)], [(-0.7, 0), (0.6, 0)]),
    lines([(-0.75, -0.85), (0, 0)], [(0.75, -0.85), (0, 0)], [(0, 0), (0, 0.9)]),
    lines([(-0.65, -0.85), (-0.65, 0.85)], [(0.65, -0.85), (0.65, 0.85)], [(-0.65, 0), (0.65, 0)]),
]
COLUMNS, ROWS = np.meshgrid(np.arange(28, dtype=np.float32), np.arange(28, dtype=np.float32))


def draw_line(canvas, start, end, radius, ink):
    """A line with round ends, whose coverage falls from 1 to 0 over one pixel at the edge; the larger coverage wins."""
    zero, one = np.float32(0), np.float32(1)
    along, x, y = end - start, COLUMNS - start[0], ROWS - start[1]
    squared = along[0] * along[0] + along[1] * along[1]
    position = np.clip((x * along[0] + y * along[1]) / squared, zero, one) if squared > 0 else np.zeros_like(x)
    x, y = x - along[0] * position, y - along[1] * position
    value = np.clip(radius + np.float32(0.5) - np.sqrt(x * x + y * y), zero, one) * ink
    np.maximum(canvas, value, out=canvas)


def draw_glyphs(count, part=1, seed=0):
    """Images 0 to count - 1 of the test part (1) or the training part (0)."""
    images = np.empty((count, 28, 28, 1), np.uint8)
    for index in range(count):
        random = Random(seed, 8, part << 32 | index)
        half = random.uniform(-0.2, 0.2)
        one = np.float32(1)
        cosine, sine = (one - half * half) / (one + half * half), np.float32(2) * half / (one + half * half)
        scale = random.uniform(6, 10.5)
        wide = scale * random.uniform(0.8, 1.2)
        slant = random.uniform(-0.25, 0.25)
        across, down = vector(cosine, sine) * wide, vector(cosine * slant - sine, sine * slant + cosine) * scale
        middle = np.float32(13.5)
        centre = vector(middle + random.uniform(-4, 4), middle + random.uniform(-4, 4))
        radius, ink = random.uniform(0.6, 1.3), random.uniform(0.7, 1)
        canvas = np.zeros((28, 28), np.float32)
        for stroke in STROKES[index % 10]:
            points = [across * point[0] + down * point[1] + centre for point in stroke]
            for start, end in zip(points, points[1:]):
                draw_line(canvas, start, end, radius, ink)
        for _ in range(int(random.uniform(1, 4))):
            start = vector(random.uniform(0, 27), random.uniform(0, 27))
            end = start + vector(random.uniform(-5, 5), random.uniform(-5, 5))
            draw_line(canvas, start, end, np.float32(0.5), random.uniform(0.3, 0.7))
        sums = random.next(392).astype("<u8").view(np.uint8).reshape(784, 4).sum(1).astype(np.float32)
        noise = (sums - np.float32(510)) * (np.float32(14) / np.float32(148))
        value = canvas.reshape(-1) * np.float32(255) + noise
        images[index] = np.clip(np.floor(value + np.float32(0.5)), 0, 255).reshape(28, 28, 1)
    return as_floats(images), np.arange(count) % 10


def parse(arguments):
    """The parser and the options, which go together."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", help="the folder of the test data; default the one of the run")
    parser.add_argument("--images", help="a file of images, in place of the run's")
    parser.add_argument("--labels", help="the file of their labels")
    parser.add_argument("--files", nargs="+", help="files of CIFAR-10 records, in place of the run's")
    parser.add_argument("--format", choices=["idx", "npy", "cifar10"], help="what these must be; default what they are")
    options = parser.parse_args(arguments)
    if bool(options.images) != bool(options.labels):
        parser.error("--images and --labels go together")
    if options.images and options.files:
        parser.error("--images and --files exclude each other")
    if options.format and not (options.images or options.files):
        parser.error("--format is that of --images and --labels, or of --files: name them")
    if options.format and (options.format == "cifar10") != bool(options.files):
        parser.error("--images and --labels are idx or npy, --files are cifar10")
    return parser, options


def main():
    parser, options = parse(None)
    import torch
    from safetensors import safe_open

    with safe_open(options.model, framework="pt") as file:
        description = json.loads(file.metadata()["nasd"])
        weights = {key: file.get_tensor(key) for key in file.keys()}
    family, architecture = description["family"], description["architecture"]
    classes = network_classes()
    if family not in classes:
        parser.error(f"the network is of the family {family}; this script builds {', '.join(classes)}")
    if description.get("task") is not None:
        parser.error(f"the network has learned the task {description['task']}; this script measures classes and numbers")
    network = classes[family](architecture, weights).eval()
    shape = tuple(architecture["image"]) if "image" in architecture else (architecture["features"],)
    try:
        inputs, answers = read_data(description, options, shape)
    except ValueError as error:
        parser.error(str(error))
    with torch.inference_mode():
        starts = range(0, len(inputs), 500)
        parts = [np.asarray(network(torch.from_numpy(inputs[start : start + 500]))) for start in starts]
    name, value = score(np.concatenate(parts), answers, answer_scaling(description))
    print(f"genome        {description['genome']}")
    print(f"pytorch       {value}")
    print(f"nasd          {description['measured'].get(name)}")


if __name__ == "__main__":
    main()
