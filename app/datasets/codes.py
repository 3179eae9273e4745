"""Every problem an import can name: how serious, in which words, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.datasets.codes_of_media import ARRAYS, MEDIA
from app.datasets.severity import Code, Severity

_S, _R, _C, _W = Severity.STOP, Severity.ROW, Severity.CHOICE, Severity.WARNING

_FILE = {
    "E101": Code(_R, "NUL byte in column {column}, row {row}.", "Remove the character U+0000."),
    "E102": Code(
        _S,
        "The file is not UTF-8: byte {offset} (row {row}) does not fit{seen}.",
        "Save the file as UTF-8, or name its encoding: {offers}.",
    ),
    "E104": Code(
        _S,
        "Column {column} writes decimals with a comma, as in {excerpt}.",
        "Write 0.5 instead of 0,5.",
    ),
    "E105": Code(_S, "The file is empty.", "Choose the file that holds the data."),
    "E106": Code(_S, "The file has no data rows.", "Choose a file with at least one row of data."),
    "E107": Code(
        _S,
        "No row of the file can be imported: all {count} are left out.",
        "Mend the problems listed, then import the file again.",
    ),
    "E108": Code(
        _S,
        "Two columns have the same name {column}: number {first} and number {second}.",
        "Give each column its own name.",
    ),
    "E109": Code(
        _S,
        "There is no column {column}. The file has: {columns}.",
        "Choose one of the columns that are there.",
    ),
    "E110": Code(
        _R,
        "Row {row} has {found} of {expected} fields.",
        "Quote fields that hold the separator, and give every row the same number of fields.",
    ),
    "E111": Code(
        _S,
        "Row {row} (line {line}): {reason}.",
        'Write a quote inside a quoted cell twice (""), or have quotes read as text '
        "(quoting: none).",
    ),
    "E112": Code(
        _R,
        "Column {column} in row {row} is larger than 1 MiB.",
        "Shorten the value or split it into several examples.",
    ),
    "E113": Code(
        _S,
        "The file has {found} columns; {most} are possible.",
        "Remove the columns that nobody needs to see.",
    ),
    "E114": Code(
        _R,
        "The id {excerpt} in row {row} is already used in {first}.",
        "Give each row its own id.",
    ),
    "E115": Code(
        _R,
        "Row {row} has no id.",
        "Fill in the id, or let ids be generated for rows without one.",
    ),
    "E116": Code(
        _S,
        "The file looks like {kind}, not like {expected}.",
        "Save the data as CSV, TSV, JSONL or Parquet and import that.",
    ),
    "E117": Code(
        _S,
        "Files that end in {excerpt} are not read.",
        "Save the data as {known}.",
    ),
    "E118": Code(
        _R,
        "Column {column} in row {row} is longer than {most} characters, too long for its role.",
        "Shorten the value or give the column another role.",
    ),
    "E120": Code(
        _R,
        "Row {row} is not valid JSON at character {at}: {reason}.",
        "Write one complete JSON object on each line.",
    ),
    "E121": Code(
        _R,
        "Row {row} is longer than 8 MiB (an array may have 200 MB).",
        "Write one JSON object on each line (JSONL).",
    ),
    "E122": Code(
        _R,
        "Row {row} holds {excerpt}, which is not a finite number.",
        "Write a number, or null when there is none.",
    ),
    "E123": Code(_R, "Row {row} has the key {column} twice.", "Keep one of the two."),
    "E124": Code(
        _R, "Row {row} is nested deeper than 32 levels.", "Flatten the object before importing."
    ),
    "E125": Code(
        _R,
        "Row {row} holds an integer of {found} digits; 1,000 are possible.",
        "Write very long numbers as text, in quotes.",
    ),
    "E126": Code(
        _R,
        "Column {column} in row {row} holds half of a surrogate pair, which is no character.",
        "Write the whole character, or remove the broken escape.",
    ),
    "E127": Code(
        _R,
        "Column {column} in row {row} holds an object or a list where text is expected.",
        "Choose a key inside it, such as {column}.text, or write plain text.",
    ),
    "E130": Code(
        _S,
        "Column {column} has the type {kind}, which cannot be shown as text.",
        "Convert the column to text or numbers, or leave it out of the file.",
    ),
    "E131": Code(
        _S, "This is not a complete Parquet file.", "Export the file again and compare its size."
    ),
    "E136": Code(
        _S,
        "This is not an Excel workbook that can be read, or it has a password.",
        "Open it in Excel, save it as .xlsx without a password, or export the sheet as CSV.",
    ),
    "E150": Code(
        _R,
        "Row {row} has {found} labels: {excerpt}.",
        "Give each example one label.",
    ),
    "E142": Code(_S, "The file has more than {most} rows.", "Split the file into several imports."),
    "E143": Code(
        _S,
        "The file could not be read within {limit}.",
        "Split the file, or look for a damaged part in it.",
    ),
    "W102": Code(_W, "The file was read as {kind}.", ""),
    "W103": Code(_W, "The columns are separated by {excerpt}.", ""),
    "W107": Code(
        _C,
        "The first row looks like data, not like column names: {excerpt}.",
        "Say whether the first row holds names or data.",
    ),
    "W170": Code(_W, "Quotes are read as text, not as marks around cells: {excerpt}.", ""),
    "W171": Code(_W, "A backslash is read as the mark before what is text: {excerpt}.", ""),
    "W172": Code(_W, "{count} rows end early; their last cells are empty.", ""),
    "W173": Code(_W, "{count} rows have empty cells after the last column; these are dropped.", ""),
    "W174": Code(
        _W, "{count} rows repeat the column names and are dropped; the first is row {row}.", ""
    ),
    "W155": Code(_W, "{count} rows are empty and are dropped; the first is row {row}.", ""),
    "W156": Code(_W, "{count} columns have the name of another and got a number: {excerpt}.", ""),
    "W157": Code(
        _C,
        "Every row has one field more than the first row has names: {excerpt}.",
        "Say which field has no name.",
    ),
    "W158": Code(
        _C,
        "Row {row} holds {lines} lines that each look like a row: {excerpt}.",
        "Say whether they are one text or rows of their own.",
    ),
    "W159": Code(_W, "The first line says that {excerpt} separates the columns.", ""),
    "W160": Code(_W, "The ZIP was opened as the one table in it: {excerpt}.", ""),
    "W161": Code(_W, "{count} rows had the separator in their text, which was joined again.", ""),
    "W163": Code(
        _C,
        "Several sheets of the workbook have rows: {excerpt}.",
        "Say which of them holds the examples.",
    ),
    "W164": Code(_W, "{count} cells hold an error of Excel such as #N/A, read as text.", ""),
    "W162": Code(
        _C,
        "The first row has one cell, and every row below it has several: {excerpt}.",
        "Say whether it is a title or a column name.",
    ),
    "W166": Code(_C, "Lines stand above the table: {excerpt}.", "Say whether they are rows."),
    "W109": Code(_W, "{count} columns have no name and are called by their number.", ""),
    "W115": Code(_W, "{count} rows had no id and were given one.", ""),
    "W127": Code(_W, "{count} values were taken from inside an object, or kept as JSON.", ""),
    "W128": Code(
        _W, "{count} values are missing or of another type than above; all are read as text.", ""
    ),
    "W150": Code(
        _W,
        "Guessed by name and given up, because the values do not fit: {excerpt}. "
        "A column that is chosen keeps its role.",
        "",
    ),
    "W151": Code(_W, "Columns of other types are kept as text: {excerpt}.", ""),
    "W152": Code(_W, "This is a {excerpt}.", ""),
    "W153": Code(
        _W,
        "{count} examples have labels of several annotators: the most frequent is taken, of "
        "equally frequent ones the first. Column {column} tells all of them.",
        "",
    ),
    "W154": Code(_W, "The file is one JSON object; its rows were found in {column}.", ""),
    "W175": Code(_W, "{count} rows are in the project already; they are no new examples.", ""),
    "W176": Code(
        _W,
        "{count} rows that are in the project already have another label there, and it stays: "
        "{excerpt}.",
        "",
    ),
    "W177": Code(
        _W, "All {count} rows are in the project already. There is nothing to import.", ""
    ),
    "W132": Code(_W, "Column {column} lists {count} categories that no row has: {excerpt}.", ""),
    "W133": Code(_W, "{count} labels stored as decimals (3.0) are read as integers (3).", ""),
}

_LABELS = {
    "E301": Code(
        _R,
        "Column {column} in row {row} is empty.",
        "Fill it in; rows without a label can also be imported as unlabeled.",
    ),
    "E302": Code(
        _R,
        "The label {excerpt} in row {row} is not in the list{nearest}.",
        "Correct the label, or add it to the list.",
    ),
    "E305": Code(
        _S,
        "The column {column} has more than {most} different labels.",
        "Choose the column that holds the label.",
    ),
    "E309": Code(
        _R,
        "The label in row {row} has {found}.",
        "A label has 1 to 200 characters, without line breaks or control characters.",
    ),
    "E310": Code(
        _R,
        "Column {column} in row {row} holds {found} labels: {excerpt}.",
        "Keep one label in each row; a row has one label here.",
    ),
    "W301": Code(_W, "{count} rows have no label and are imported as unlabeled.", ""),
    "W303": Code(
        _C,
        "{count} rows have labels that differ only in spaces around them: {excerpt}.",
        "Say whether they are the same label.",
    ),
    "W304": Code(
        _C,
        "{count} rows have labels that differ only in case: {excerpt}.",
        "Say whether they are the same label.",
    ),
    "W305": Code(
        _W,
        "{count} labels were written with combining accents and are read as the same text: "
        "{excerpt}.",
        "",
    ),
    "W306": Code(
        _C,
        "The labels mix words and numbers for the same thing: {excerpt}.",
        "Say whether they are the same label.",
    ),
    "W307": Code(
        _C,
        "{distinct} distinct labels for {rows} rows: this looks like a number, a date or an id.",
        "Choose another label column, or confirm that these are labels.",
    ),
    "W308": Code(
        _S,
        "The labels look like several in one cell ({excerpt}); this is not supported yet.",
        "Give each example one label.",
    ),
    "W331": Code(_W, "Labels that look alike or hold invisible characters: {excerpt}.", ""),
    "W350": Code(
        _C,
        "No column surely holds the label. {excerpt}",
        "Choose the column (--label COLUMN), or say that there are no labels yet (--label -).",
    ),
    "W352": Code(
        _C,
        "Ids of column {column} come more than once, from several annotators.",
        "Say whether rows of one id are one example, with the label most of them give.",
    ),
    "W353": Code(_W, "{count} rows give one more label of an example above.", ""),
    "W351": Code(_W, "{count} labels stood alone in a list and are read as that label.", ""),
    "E306": Code(
        _S,
        "The label list cannot be used: {reason}.",
        "The list needs a column name and, if wanted, code, description and synonyms.",
    ),
}

CODES: Mapping[str, Code] = MappingProxyType(_FILE | _LABELS | MEDIA | ARRAYS)
