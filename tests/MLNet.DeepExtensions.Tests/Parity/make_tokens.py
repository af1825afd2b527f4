"""Writes tokens.json.gz: texts and the numbers of their tokens, by an independent reading of the published rules.

WordPiece: BasicTokenizer and WordpieceTokenizer as Google's BERT describes them (clean, set ideographs apart, lower-case and strip accents, split punctuation, longest piece first).
Byte-level BPE: as OpenAI's GPT-2 describes it (split by its regular expression, bytes to letters, merge the pair of the lowest rank).

    python3 make_tokens.py ../shared/data/tokenizers
"""
import gzip
import json
import random
import sys
import unicodedata

import regex

FOLDER = sys.argv[1]


def read_vocabulary(name):
    with open(f"{FOLDER}/{name}/vocab.txt", encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    if lines[-1] == "":
        lines.pop()
    return {token: number for number, token in enumerate(lines)}


IDEOGRAPHS = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


def is_punctuation(c):
    return 33 <= ord(c) <= 47 or 58 <= ord(c) <= 64 or 91 <= ord(c) <= 96 or 123 <= ord(c) <= 126 or unicodedata.category(c)[0] == "P"


def clean(text):
    kept = []
    for c in text:
        if c in "\t\n\r" or unicodedata.category(c) == "Zs":
            kept.append(" ")
        elif c not in "\0\ufffd" and unicodedata.category(c) not in ("Cc", "Cf"):
            kept.append(c)
    return "".join(kept)


def words_of(text, lower):
    spaced = "".join(f" {c} " if any(a <= ord(c) <= b for a, b in IDEOGRAPHS) else c for c in clean(text))
    for word in spaced.split():
        if lower:
            word = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
        part = ""
        for c in word:
            if not is_punctuation(c):
                part += c
                continue
            yield from part.split()
            yield c
            part = ""
        yield from part.split()


def pieces_of(word, vocabulary, longest=100):
    if len(word) > longest:
        return ["[UNK]"]
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return ["[UNK]"]
        found.append(piece)
        start = end
    return found


def word_piece(text, vocabulary, lower):
    return [vocabulary["[CLS]"]] + [vocabulary[piece] for word in words_of(text, lower) for piece in pieces_of(word, vocabulary)] + [vocabulary["[SEP]"]]


GPT2 = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
SHOWN = [*range(33, 127), *range(161, 173), *range(174, 256)]
LETTER_OF = {byte: chr(byte) for byte in SHOWN}
for byte in range(256):
    if byte not in LETTER_OF:
        LETTER_OF[byte] = chr(256 + len(LETTER_OF) - len(SHOWN))
with open(f"{FOLDER}/gpt2/vocab.json", encoding="utf-8") as file:
    GPT2_VOCABULARY = json.load(file)
with open(f"{FOLDER}/gpt2/merges.txt", encoding="utf-8") as file:
    RANKS = {tuple(line.split(" ")): rank for rank, line in enumerate(line for line in file.read().split("\n")[1:] if line)}


def merged(word):
    parts = list(word)
    while len(parts) > 1:
        best = min(zip(parts, parts[1:]), key=lambda pair: RANKS.get(pair, len(RANKS)))
        if best not in RANKS:
            break
        joined, i = [], 0
        while i < len(parts):
            if tuple(parts[i:i + 2]) == best:
                joined.append(parts[i] + parts[i + 1])
                i += 2
            else:
                joined.append(parts[i])
                i += 1
        parts = joined
    return parts


def byte_level(text):
    return [GPT2_VOCABULARY[part] for word in GPT2.findall(text) for part in merged("".join(LETTER_OF[byte] for byte in word.encode("utf-8")))]


TEXTS = [
    "", " ", "   ", "\t\n\r ", "\n", "a", "A", ".", "Hello, World!", "hello world", "  leading", "trailing  ", "two  spaces", "three   spaces", "tab\tseparated", "line\nbreak", "cr\rlf\r\nend", "a\u00a0b",
    "\u3000ideographic\u3000space", "thin\u2009space", "line\u2028separator", "paragraph\u2029separator", "\u2028", "\u2029\u2028", "next\u0085line", "vertical\u000btab", "form\u000cfeed", "\u1680ogham",
    # what is dropped
    "zero\u200bwidth", "join\u200der", "non\u200cjoiner", "soft\u00adhyphen", "\ufeffbom at start", "bom\ufeffinside", "nul\u0000inside", "\u0000", "bell\u0007", "escape\u001b[31mred", "del\u007f", "c1\u0090x",
    "rtl \u202eoverride\u202c", "\u2066isolate\u2069", "replacement \ufffd here", "\ufffd", "tag\U000e0041\U000e007f", "mongolian\u180evowel", "word\u2060joiner", "\u061carabic mark", "separators \u001c\u001d\u001e\u001f end",
    # accents
    "café", "cafe\u0301", "CAFÉ", "naïve façade", "Ångström", "\u212bngstr\u00f6m", "Zürich", "ŒUVRE", "ßtraße", "STRASSE \u1e9e", "İstanbul", "Iğdır ıI", "Đặng Thị", "Việt Nam", "Łódź", "ÀÁÂÃÄÅÆÇÈÉÊË", "ñ Ñ", "o\u0308\u0323",
    "\u0301alone", "e\u0301\u0302\u0303\u0304", "q\u0323\u0307", "Z\u0361a\u0334l\u0335g\u0336o\u0337", "a\u0301\u4e2d\u0301", "\u0344", "\u1fef\u037e\u0387", "ﬁ ligature ﬀ", "½ ² ³ ¹", "ǅ Ǉ ǲ", "K \u212a Å \u212b Ω \u2126",
    "≠ ≮ ≯ ∄", "ά έ ή", "ΑΣ", "ΟΔΥΣΣΕΥΣ", "Σ", "ΣΑΣ ΣΑΣΑ", "Α\u0301Σ.", "ΑΣ'", "ΑΣ'Α", "Ἀχιλλεύς", "ΠΆΤΡΟΣ, ΝΊΚΟΣ;", "Ёлка й Й", "Привет, мир!", "Україна ї є ґ", "العَرَبِيَّة", "مرحبا بالعالم", "עִבְרִית שלום", "हिन्दी में", "ภาษาไทย", "தமிழ்", "한국어", "안녕하세요 세계",
    "각", "가", "\u1100\u1161\u11a8", "ㄱㄴㄷ", "日本語のテキスト", "カタカナ ｶﾀｶﾅ", "が か\u3099", "ＡＢＣ１２３", "ﾞ", "ქართული ᲥᲐ", "Հայերեն և", "ይህ", "ខ្មែរ", "မြန်မာ", "བོད་ཡིག", "ᏣᎳᎩ Ꭰ ꭰ",
    # ideographs
    "中", "中文", "我爱北京天安门", "今天天气真好，我们去公园吧。", "中文English混排123", "GPT模型2.0版", "「引号」『书名』《书》", "。！？；：、", "繁體中文臺灣", "㐀㐁", "\U00020000\U00020001", "a\U00020000b", "𠮷野家", "\uf900\uf901", "\U0002f800", "\u2f00 ⺀", "〇零", "々",
    "３．１４％", "￥１００", "中\u200b文", "中 文", "第一\n第二", "囧", "龘龖", "鿿鿕", "\U0002a700\U0002b740\U0002b820", "中##文", "##中",
    # emoji
    "😀", "😀😀", "a😀b", "👍🏽", "👨‍👩‍👧‍👦", "🇨🇳🇩🇪", "❤️", "☺ ☺️", "1️⃣", "🏳️‍🌈", "text 🎉 party!", "🤖中文🤖", "\U0001f600\U0001f3fb\u200d\u2642\ufe0f", "😂😂😂lol", "🫠",
    # astral letters, numbers and marks
    "𝒜𝒷𝒸", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "x𝟘𝟙y", "𐐀𐐨", "a𐐀", " 𐐀b", "𐎀𐎁", "𒀀𒀁 ", "\U0001d165\U0001d16e", "a\U000101fd", "𝟏𝟐 12", "🄰 ⓐ Ⓐ", "Ⅷ ⅷ", "①②③", "\U0001e900\U0001e922", "\U0001f100", "\U00010140",
    # punctuation
    "don't", "Don't can't won't it's I'm you're they've we'll he'd", "'s 't 're 've 'm 'll 'd", "'S 'T 'RE", "''s", "o'clock 'tis", "rock'n'roll", "’s it’s", "“quoted” ‘text’", "hyphen-ated", "en–dash em—dash", "e.g. i.e. U.S.A.", "3.14", "1,000,000", "$100 €50 £20 ¥5",
    "a+b=c", "x<y>z", "^caret~tilde`tick|pipe", "@user #tag", "http://example.com/a?b=c&d=e#f", "mail@example.org", "C:\\path\\file", "{json: [1, 2]}", "a_b__c", "!!!", "...", "…", "?!?!", "---", "***", "()[]{}", "¿qué? ¡sí!", "§ ¶ † ‡ •", "© ® ™", "° ± × ÷", "← → ⇒", "∑ ∏ √ ∞", "№ ℃", "· ‧ ․", "‹›«»", "﹏＿", "՞ ׃ ؟ ।", "〜～", "‿⁀", "a\u0338=", "\u0338",
    # what looks like special tokens, and like pieces
    "[CLS]", "[SEP] injected [SEP]", "[MASK] [UNK] [PAD]", "[unused1]", "<|endoftext|>", "a<|endoftext|>b", "<s> </s> <mask>", "##ing", "un##do", "# # ##", "##", "[ SEP ]",
    # words
    "unaffable", "Embeddings", "tokenization", "internationalization", "supercalifragilisticexpialidocious", "pneumonoultramicroscopicsilicovolcanoconiosis", "antidisestablishmentarianism", "WiFi iPhone eBay", "MiXeD cAsE", "ALLCAPS", "snake_case camelCase PascalCase",
    "12345678901234567890", "2024-01-31T12:34:56Z", "0x1F600", "1st 2nd 3rd", "a1b2c3", "x²y³", "e=mc²", "qwxz", "zzzzzzzz", "a b c d e f g", "I", "The quick brown fox jumps over the lazy dog.", "def f(x):\n    return x ** 2\n", "\tif (a) {\n\t\tb();\n\t}", "SELECT * FROM t WHERE a='b';",
    "<html><body>text</body></html>", "\\n \\t \\u0041", "%20%E4%B8%AD", "a\n\n\nb", " \n \n ", "\n\n", "word \n word", "   a   b   ", "end with space ", " \u00a0 ", "\u00a0\u00a0x", " \u3000x", "x\u3000 ", "\t x",
]
LONG = [
    "a" * 100, "a" * 101, "a" * 200, "é" * 100, "e\u0301" * 100, "e\u0301" * 101, "中" * 700, "ab" * 700, "word " * 500, "😀" * 101, "=" * 300, "." * 201, " " * 400, "\n" * 301, "\u0301" * 150 + "a", "a\u200b" * 100, "𐐀" * 100, "𐐀" * 101, "1" * 333, "ü" * 50 + "ß" * 51,
    "The Project Gutenberg eBook, 1984. " * 60, "我们去吃饭吧，好不好？" * 80, "x" * 99 + "中" + "y" * 101, "a b" * 300,
]


def at_random(count):
    """Texts of characters drawn from blocks that are long settled, so that no version of Unicode matters."""
    dice = random.Random(7)
    blocks = [(0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x905, 0x939), (0x1E00, 0x1EFF), (0x2010, 0x203A), (0x3041, 0x3096), (0x30A1, 0x30FA),
              (0x4E00, 0x9FA5), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xF900, 0xFA0D), (0xFF01, 0xFF5E), (0x1F600, 0x1F64F), (0x1D400, 0x1D454), (0x20000, 0x20100), (0x0, 0x1F)]
    for _ in range(count):
        text = ""
        for _ in range(dice.randint(1, 8)):
            first, last = dice.choice(blocks)
            text += "".join(chr(dice.randint(first, last)) for _ in range(dice.randint(1, 6))) + dice.choice(["", "", " "])
        yield text


def main():
    texts = TEXTS + LONG + list(at_random(300))
    chinese, english = read_vocabulary("bert-base-chinese"), read_vocabulary("bert-base-uncased")
    cases = [{"text": text, "bert-base-chinese": word_piece(text, chinese, False), "bert-base-uncased": word_piece(text, english, True), "gpt2": byte_level(text)} for text in texts]
    with open("tokens.json.gz", "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(json.dumps(cases, ensure_ascii=True, separators=(",", ":")).encode())
    print(len(cases), "texts")


main()
