"""Token numbers of bench/tokens beside those of the libraries `tokenizers` and `sentencepiece`.

tokens.py compare PROGRAM TOKENIZER [TEXTS.jsonl]   what differs; exit code 1 where anything does
tokens.py expect TOKENIZER [TEXTS.jsonl]            prints the libraries' numbers, a list a text
TOKENIZER is a tokenizer.json, a vocab.txt or a SentencePiece .model; PROGRAM is build/dev/bench/tokens, and may
be followed by =PATH to have it read another file (vocab.txt). Run bench/peers/setup first.
"""
import json
import pathlib
import subprocess
import sys

TEXTS = pathlib.Path(__file__).parents[2] / "tests/data/tokens/sentences.jsonl"


def reference(path):
    """A function from a text to its numbers, and spans in bytes where the library tells them."""
    if path.endswith(".model"):
        import sentencepiece

        processor = sentencepiece.SentencePieceProcessor(model_file=path)
        return lambda text: (processor.encode(text), None)
    if path.endswith(".txt"):
        from tokenizers import BertWordPieceTokenizer

        tokenizer = BertWordPieceTokenizer(path)
    else:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def encode(text):
        found = tokenizer.encode(text, add_special_tokens=False)
        at = [0]
        for letter in text:
            at.append(at[-1] + len(letter.encode()))
        return found.ids, [(at[begin], at[end]) for begin, end in found.offsets]

    return encode


def read_texts(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def expect(tokenizer, texts):
    encode = reference(tokenizer)
    for text in read_texts(texts):
        print(json.dumps(encode(text)[0], separators=(",", ":")))


def compare(program, tokenizer, texts):
    program, _, own = program.partition("=")
    encode = reference(tokenizer)
    lines = "".join(json.dumps(text) + "\n" for text in read_texts(texts))
    ran = subprocess.run([program, own or tokenizer], input=lines, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(ran.stderr)
    wrong = spans = all_spans = 0
    for text, line in zip(read_texts(texts), ran.stdout.splitlines(), strict=True):
        ids, where = encode(text)
        pieces = json.loads(line)
        if [piece[0] for piece in pieces] != ids:
            wrong += 1
            print(f"{text!r}\n  here {[piece[0] for piece in pieces]}\n  there {ids}")
        elif where is not None:
            all_spans += len(where)
            spans += sum(piece[1:] == list(span) for piece, span in zip(pieces, where))
    print(f"{len(lines.splitlines())} texts, numbers differ in {wrong}; {spans} of {all_spans} spans the same")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) in (3, 4) and arguments[0] == "compare":
        compare(arguments[1], arguments[2], (arguments + [TEXTS])[3])
    elif len(arguments) in (2, 3) and arguments[0] == "expect":
        expect(arguments[1], (arguments + [TEXTS])[2])
    else:
        sys.exit(__doc__)
