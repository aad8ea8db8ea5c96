"""Damage at random."""

BYTES = [b"\x00", b"\xff", b'"', b",", b"\n", b"9", b"-", b"\r"]


def damage_bytes(content, generator):
    """A file with a bit flipped, a part missing, or a byte too many."""
    content, at = bytearray(content), generator.randrange(len(content))
    kind = generator.choice(["flip", "cut", "insert"])
    if kind == "flip":
        content[at] ^= 1 << generator.randrange(8)
    elif kind == "cut":
        del content[at : at + generator.choice([1, 5, 1000])]
    else:
        content[at:at] = generator.choice(BYTES)
    return content
