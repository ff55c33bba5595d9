from __future__ import annotations

import hashlib

import pytest

from adwatch.evidence.merkle import Tree, WholeTree, leaf_hash, node_hash, root_by_path

# leaves and roots of the reference tests of Certificate Transparency (RFC 6962)
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def _tree(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree


@pytest.mark.parametrize("count", ROOTS)
def test_the_roots_are_those_of_the_reference(count: int) -> None:
    assert _tree(LEAVES[:count]).root().hex() == ROOTS[count]


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _by_definition(leaves[:split]) + _by_definition(leaves[split:])).digest()


def test_any_number_of_leaves_gives_the_root_of_the_definition() -> None:
    for count in range(1, 70):
        leaves = [str(number).encode() for number in range(count)]
        tree = _tree(leaves)
        assert (tree.size, tree.root()) == (count, _by_definition(leaves))


def test_an_altered_added_removed_or_moved_leaf_gives_another_root() -> None:
    roots = {
        _tree(leaves).root()
        for leaves in (LEAVES, LEAVES[:-1], LEAVES[1:], [*LEAVES, b""], LEAVES[::-1], [*LEAVES[:-1], b"x"])
    }
    assert len(roots) == 6


def test_every_leaf_leads_to_the_root_by_its_path_and_by_no_other() -> None:
    for count in range(1, 40):
        hashes = [leaf_hash(str(number).encode()) for number in range(count)]
        tree = WholeTree(hashes)
        root = _by_definition([str(number).encode() for number in range(count)])
        assert tree.root() == root
        for index, leaf in enumerate(hashes):
            path = tree.path(index)
            assert root_by_path(leaf, index, count, path) == root
            assert root_by_path(leaf_hash(b"other"), index, count, path) != root
            assert count == 1 or root_by_path(leaf, (index + 1) % count, count, path) != root
            assert root_by_path(leaf, index, count, [*path, leaf]) is None
            assert not path or root_by_path(leaf, index, count, path[:-1]) is None


def test_the_path_is_that_of_the_reference() -> None:
    # RFC 6962, 2.1.3: audit path of d0 in a tree of seven leaves is [b, h, l]
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:7]]
    b, h = hashes[1], node_hash(hashes[2], hashes[3])
    last = node_hash(node_hash(hashes[4], hashes[5]), hashes[6])
    assert WholeTree(hashes).path(0) == [b, h, last]
    assert root_by_path(hashes[0], -1, 7, [b, h, last]) is None
    assert root_by_path(hashes[0], 7, 7, [b, h, last]) is None
