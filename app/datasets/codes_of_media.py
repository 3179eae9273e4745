"""Codes of images, archives and arrays."""

from __future__ import annotations

from app.datasets.severity import Code, Severity

_S, _R, _C, _W = Severity.STOP, Severity.ROW, Severity.CHOICE, Severity.WARNING

MEDIA = {
    "E212": Code(
        _S, "The ZIP has more than {most} entries or bytes.", "Split it into several imports."
    ),
    "E213": Code(
        _S,
        "The ZIP cannot be used: {reason}.",
        "Make a plain ZIP of images: not encrypted, no archives inside.",
    ),
    "E214": Code(
        _R,
        "{excerpt} in row {row} is not a name a file of the ZIP can have.",
        "Write the name as it stands in the ZIP.",
    ),
    "E215": Code(
        _S,
        "The ZIP holds the unsafe name {excerpt}.",
        "Names must be relative, with / between folders and without .. .",
    ),
    "E216": Code(
        _S,
        "{excerpt} unpacks to more than {most} times its size.",
        "Pack the data again, or import it unpacked.",
    ),
    "E217": Code(
        _S, "The ZIP holds a link ({excerpt}) instead of a file.", "Pack the files themselves."
    ),
    "E218": Code(_S, "The ZIP holds the name {excerpt} twice.", "Keep one of the two files."),
    "E219": Code(
        _R, "The image {excerpt} of row {row} is not in the ZIP.", "Add it, or correct the name."
    ),
    "E220": Code(
        _R,
        "{excerpt} (row {row}) is no image of a kind that is read here, whatever its name says.",
        "Use PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF, JPEG 2000, TGA, ICO, PCX, SGI, QOI or PPM.",
    ),
    "E221": Code(
        _R,
        "{excerpt} (row {row}) has {found} million pixels; 50 are possible.",
        "Make the image smaller.",
    ),
    "E222": Code(_R, "{excerpt} (row {row}) is damaged or cut off.", "Copy the image again."),
    "E231": Code(
        _R,
        "Row {row} names an image on another server ({excerpt}); nothing is fetched.",
        "Download the images and pack them into a ZIP.",
    ),
    "E232": Code(
        _S,
        "The rows name images, but no ZIP or folder came with them.",
        "Add the ZIP or folder that holds the images: here on the page, with --media on the "
        "command line, or as media through the API.",
    ),
    "E235": Code(
        _R,
        "{excerpt} (row {row}) is a HEIC image, which this Relabel cannot read.",
        "Save it as JPEG, or have pillow-heif installed beside Relabel (pip install pillow-heif).",
    ),
    "W219": Code(_W, "{count} images of the ZIP are named in no row: {excerpt}.", ""),
    "W220": Code(
        _W, "{count} files of the ZIP hold no picture, and were passed over: {excerpt}.", ""
    ),
    "W223": Code(_W, "{count} CMYK images are shown in RGB.", ""),
    "W224": Code(_W, "Of {count} images with several frames or pages the first is shown.", ""),
    "W225": Code(
        _W,
        "{count} images with more than 8 bits, a palette or transparency are shown "
        "converted{range}.",
        "",
    ),
    "E233": Code(
        _R,
        "The image {excerpt} of row {row} can be any of several files of the ZIP: {files}.",
        "Write the name with its folder, as it stands in the ZIP.",
    ),
    "E234": Code(
        _R,
        "The image {excerpt} of row {row} is not in the ZIP. A file of that name is there, {file}, "
        "but {first} already stands for it.",
        "Add the image, or correct the name.",
    ),
    "W226": Code(_W, "{count} images were found under a name that differs in case: {excerpt}.", ""),
    "W227": Code(
        _W, "{count} images were found by their file name, in another folder: {excerpt}.", ""
    ),
    "W228": Code(
        _W,
        "{count} files of the ZIP are hidden or belong to a system, and were passed over: "
        "{excerpt}.",
        "",
    ),
    "W229": Code(
        _W,
        "{count} names of the ZIP do not say their encoding; they were read as {excerpt}.",
        "",
    ),
    "W230": Code(
        _C,
        "The pictures lie in folders of folders, as {excerpt}. Which folder is the label?",
        "Choose the folder, counted from the top (on the command line: --answer W230=2).",
    ),
    "W231": Code(
        _C,
        "The folders were read as label: {label}; split: {split}.",
        "Choose another folder if this is not right (on the command line: --answer W231=1).",
    ),
    "W233": Code(
        _W, "{count} names of the ZIP have \\ between folders; it was read as /: {excerpt}.", ""
    ),
    "W234": Code(
        _W, "{count} rows write \\ between folders; their images were found with /: {excerpt}.", ""
    ),
    "W235": Code(
        _W,
        "{count} images were found by a name that is quoted for the web (%20 is a space): "
        "{excerpt}.",
        "",
    ),
    "W236": Code(
        _W,
        "{count} images were found by a name that looks the same but is stored in other "
        "characters: {excerpt}.",
        "",
    ),
    "W237": Code(
        _W,
        "{count} images were found by a name without its ending, or with another one: {excerpt}.",
        "",
    ),
    "W238": Code(
        _W,
        "{count} images were found without what a server or a tool puts before their name: "
        "{excerpt}.",
        "",
    ),
    "W239": Code(_W, "{count} rows share an image under different names: {excerpt}.", ""),
    "W246": Code(
        _W,
        "The file was read as COCO: {images} images with {annotations} annotations of "
        "{categories} categories.",
        "",
    ),
    "W247": Code(
        _W,
        "{count} images have annotations of several categories; the most frequent is the label: "
        "{excerpt}.",
        "",
    ),
    "W248": Code(_W, "{count} annotations belong to no image of the file.", ""),
    "E137": Code(
        _S, "This is not a complete Arrow file.", "Save the dataset again and compare its size."
    ),
    "E138": Code(
        _S,
        "{excerpt} is a pointer of Git LFS and not the data itself.",
        "Fetch the data (git lfs pull, or download the files), then import it again.",
    ),
    "E139": Code(
        _S,
        "The dataset was saved with a choice of its rows beside them ({excerpt}).",
        "Call flatten_indices() on it, and save it again.",
    ),
    "E140": Code(
        _S,
        "The folder names {excerpt}, which is not there.",
        "Copy the whole folder, then import it again.",
    ),
    "E144": Code(
        _S,
        "This is a table of issues by cleanlab: it says which rows are suspect, and not what "
        "they are ({columns}).",
        "Import the file with the texts, pictures or fields that cleanlab was given; with these "
        "columns beside its own (in pandas: data.join(issues)) they are kept.",
    ),
    "E145": Code(
        _R,
        "{excerpt} (row {row}) is damaged, or larger than 1 MiB.",
        "Pack the folder again; split a text that is longer.",
    ),
    "W179": Code(_W, "{count} files are no texts in folders, and were passed over: {excerpt}.", ""),
    "W178": Code(
        _C, "The folder holds several datasets: {excerpt}.", "Say which of them is imported."
    ),
}

ARRAYS = {
    "E241": Code(
        _S,
        "{excerpt} holds Python objects, which are never loaded.",
        "Save numbers as float32 and names as text, for example with ids.astype(str).",
    ),
    "E242": Code(
        _S,
        "{excerpt} is not a complete array: {reason}.",
        "Save it again with numpy.save or numpy.savez.",
    ),
    "E243": Code(
        _S,
        "{excerpt} holds the wrong arrays: {reason}.",
        "An .npz holds exactly {expected}.",
    ),
    "E501": Code(
        _S,
        "{count} rows of {kind} hold NaN or infinity: {excerpt}.",
        "Compute them again for these rows.",
    ),
    "E502": Code(
        _S,
        "{count} rows hold probabilities below 0 or above 1: {excerpt}.{hint}",
        "Save probabilities, or choose softmax if these are logits.",
    ),
    "E503": Code(
        _S,
        "{count} rows do not sum to 1: {excerpt}.",
        "Save probabilities over all labels; each row sums to 1.",
    ),
    "E504": Code(
        _S,
        "The rows sum to 100: these are percentages ({excerpt}).",
        "Divide by 100, or choose that it is done here.",
    ),
    "E505": Code(
        _S,
        "{found} rows of {kind} for {expected} examples{missing}.",
        "Save the id of each row with it (ids), one row for each example.",
    ),
    "E506": Code(
        _S,
        "The probabilities do not fit the labels: {reason}.",
        "Give one column a label, named like the label; add labels no example has with a "
        "label list.",
    ),
    "E507": Code(
        _S,
        "The columns have no names, and in the order {excerpt} they agree with only {found} of "
        "the given labels.",
        "Save the names of the columns (classes).",
    ),
    "E508": Code(
        _S,
        "{excerpt} has the type {kind}; numbers in two dimensions are needed.",
        "Save a float32 array with one row an example.",
    ),
    "E509": Code(
        _S,
        "Row {row}, column {column} of {kind} is not a number: {excerpt}.",
        "Write a number.",
    ),
    "E510": Code(
        _S,
        "{count} rows hold losses below 0: {excerpt}.",
        "Save the cross-entropy of the given label, epoch by epoch; log-likelihoods have the "
        "other sign.",
    ),
    "E511": Code(
        _S,
        "The losses have no column.",
        "Save one column an epoch, with one row an example.",
    ),
    "E512": Code(
        _S,
        "{excerpt} has the type {kind}; one column of text or whole numbers is needed.",
        "Save the ids or names as text, such as ids.astype(str).",
    ),
    "W341": Code(
        _C,
        "The predictions agree with the given labels in {found} of the rows: they are likely "
        "in-sample and will hide wrong labels.",
        "Use predictions of a model that was not trained on these rows.",
    ),
    "W503": Code(_W, "{count} rows summed to nearly 1 and were scaled to sum to 1.", ""),
    "W505": Code(_W, "{count} rows of {kind} belong to no imported example.", ""),
    "W506": Code(
        _W,
        "{count} examples have no row of {kind}.",
        "Add their rows, or leave it so: another model may know them.",
    ),
    "W507": Code(
        _W,
        "The columns have no names; they were read in the order {excerpt} (agreement with the "
        "given labels {found}).",
        "Save the names of the columns (classes) to be sure.",
    ),
}
