/* The loops over every character of a batch, each in one pass. loops.py says what they do, in NumPy, and is what runs where
 * this was not compiled; tests hold the two against each other.
 *
 * Buffers come from NumPy; their sizes are looked at before anything is read or written, and every character before it is
 * looked up in a table.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define POINTS 0x110000u
#define MIX 2654435761u
#define NEXT 31u
#define FIRST 0x9E3779B1u
#define SECOND 0x85EBCA6Bu
#define THIRD 0xC2B2AE35u
#define FIVE 5
#define TEN 10

static PyObject *
end(Py_buffer *buffers, int number, PyObject *result, const char *fault)
{
    while (number-- > 0)
        PyBuffer_Release(&buffers[number]);
    if (fault)
        PyErr_SetString(PyExc_ValueError, fault);
    return result;
}

/* fold(text, table, raw, light, spots) -> how many spots: the characters of a string, what table has for them, and where
 * those of SPOTS are. */
static PyObject *
fold(PyObject *Py_UNUSED(module), PyObject *given)
{
    Py_buffer b[4];
    PyObject *text;
    if (!PyArg_ParseTuple(given, "Uy*w*w*w*", &text, &b[0], &b[1], &b[2], &b[3]))
        return NULL;
    const uint32_t *table = b[0].buf;
    uint32_t *raw = b[1].buf, *light = b[2].buf;
    int64_t *spots = b[3].buf;
    Py_ssize_t size = PyUnicode_GET_LENGTH(text), found = 0;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (b[0].len / 4 != POINTS || b[1].len / 4 != size || b[2].len / 4 != size || b[3].len / 8 < size)
        return end(b, 4, NULL, "table or places are of the wrong size");
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t c = PyUnicode_READ(kind, data, at);
        raw[at] = c;
        light[at] = table[c];
        spots[found] = at;
        found += c == '@' || c == ':' || c == '.';
    }
    return end(b, 4, PyLong_FromSsize_t(found), NULL);
}

/* squeeze(chars, index, ends, mark) -> number kept: what is not 0 moves to the front of chars, its places into index, the
 * new places of mark into ends. */
static PyObject *
squeeze(PyObject *Py_UNUSED(module), PyObject *given)
{
    Py_buffer b[3];
    unsigned int mark;
    if (!PyArg_ParseTuple(given, "w*w*w*I", &b[0], &b[1], &b[2], &mark))
        return NULL;
    uint32_t *chars = b[0].buf;
    int64_t *index = b[1].buf, *ends = b[2].buf;
    Py_ssize_t size = b[0].len / 4, texts = b[2].len / 8, kept = 0, seen = 0;
    if (b[1].len / 8 < size)
        return end(b, 3, NULL, "index is too short");
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t c = chars[at];
        chars[kept] = c;
        index[kept] = at;
        if (c == mark) {
            if (seen == texts)
                return end(b, 3, NULL, "more marks than ends");
            ends[seen++] = kept;
        }
        kept += c != 0;
    }
    if (seen < texts)
        return end(b, 3, NULL, "fewer marks than ends");
    return end(b, 3, PyLong_FromSsize_t(kept), NULL);
}

/* totals(chars, table, weights, total, mark, shift): sums of the weights of the runs that begin before each place. */
static PyObject *
totals(PyObject *Py_UNUSED(module), PyObject *given)
{
    Py_buffer b[4];
    unsigned int mark, shift;
    if (!PyArg_ParseTuple(given, "y*y*y*w*II", &b[0], &b[1], &b[2], &b[3], &mark, &shift))
        return NULL;
    const uint32_t *chars = b[0].buf, *table = b[1].buf;
    const int16_t *weights = b[2].buf;
    int32_t *total = b[3].buf;
    Py_ssize_t size = b[0].len / 4;
    if (b[1].len / 4 != POINTS || shift < 1 || shift > 31 || b[2].len / 2 != (Py_ssize_t)1 << (32 - shift)
        || b[3].len / 4 != size + 1)
        return end(b, 4, NULL, "table, weights or total are of the wrong size");
    uint32_t before = mark, one_before = 0, two_before = 0;
    int32_t sum = 0, ready = 0, first = 0; /* ready: runs of one and two of the place before; first: of one, of this place */
    total[0] = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t c = chars[at];
        if (c >= POINTS)
            return end(b, 4, NULL, "no character");
        uint32_t one = table[c] * MIX, two = one_before * NEXT + one, three = two_before * NEXT + one;
        int32_t second = weights[two * SECOND >> shift], third = weights[three * THIRD >> shift];
        if (at > 1) {
            sum += ready + (before == mark ? 0 : third);
            total[at - 1] = sum;
        }
        ready = first + (at > 0 ? second : 0);
        first = weights[one * FIRST >> shift];
        before = c, one_before = one, two_before = two;
    }
    if (size > 0) {
        total[size - 1] = sum + ready;
        total[size] = sum + ready + first;
    }
    return end(b, 4, Py_NewRef(Py_None), NULL);
}

/* pairs(chars, ident, number, pair, places, bits) -> how many: where two neighbours have a pair, and its bits. */
static PyObject *
pairs(PyObject *Py_UNUSED(module), PyObject *given)
{
    Py_buffer b[5];
    Py_ssize_t number;
    if (!PyArg_ParseTuple(given, "y*y*ny*w*w*", &b[0], &b[1], &number, &b[2], &b[3], &b[4]))
        return NULL;
    const uint32_t *chars = b[0].buf;
    const uint16_t *ident = b[1].buf;
    const uint8_t *pair = b[2].buf;
    int64_t *places = b[3].buf;
    uint8_t *bits = b[4].buf;
    Py_ssize_t size = b[0].len / 4, found = 0, last = 0;
    if (b[1].len / 2 != POINTS || number < 1 || number > UINT16_MAX || b[2].len != number * number || b[3].len / 8 < size
        || b[4].len < size)
        return end(b, 5, NULL, "tables or places are of the wrong size");
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t c = chars[at];
        Py_ssize_t now = c < POINTS ? ident[c] : number;
        if (now >= number)
            return end(b, 5, NULL, "no character");
        uint8_t both = at > 0 ? pair[last * number + now] : 0;
        places[found] = at - 1;
        bits[found] = both;
        found += both != 0;
        last = now;
    }
    return end(b, 5, PyLong_FromSsize_t(found), NULL);
}

/* marks(chars, ident, ids, known, fives, tens, latin, numeral) -> how many of each: numbers of the characters, where they have
 * one, and where runs of five of at least latin and of ten of at least numeral begin. */
static PyObject *
marks(PyObject *Py_UNUSED(module), PyObject *given)
{
    Py_buffer b[6];
    int latin, numeral;
    if (!PyArg_ParseTuple(given, "y*y*w*w*w*w*ii", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &latin, &numeral))
        return NULL;
    const uint32_t *chars = b[0].buf;
    const uint8_t *ident = b[1].buf;
    uint8_t *ids = b[2].buf;
    int64_t *known = b[3].buf, *fives = b[4].buf, *tens = b[5].buf;
    Py_ssize_t size = b[0].len / 4, n_known = 0, n_fives = 0, n_tens = 0, letters = 0, numerals = 0;
    if (b[1].len != POINTS || b[2].len < size || b[3].len / 8 < size || b[4].len / 8 < size || b[5].len / 8 < size)
        return end(b, 6, NULL, "table or places are of the wrong size");
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t c = chars[at];
        if (c >= POINTS)
            return end(b, 6, NULL, "no character");
        uint8_t id = ident[c];
        ids[at] = id;
        known[n_known] = at;
        n_known += id != 0;
        letters = id >= latin ? letters + 1 : 0;
        numerals = id >= numeral ? numerals + 1 : 0;
        if (letters >= FIVE)
            fives[n_fives++] = at + 1 - FIVE;
        if (numerals >= TEN)
            tens[n_tens++] = at + 1 - TEN;
    }
    return end(b, 6, Py_BuildValue("nnn", n_known, n_fives, n_tens), NULL);
}

static PyMethodDef methods[] = {
    {"fold", fold, METH_VARARGS, NULL},
    {"squeeze", squeeze, METH_VARARGS, NULL},
    {"totals", totals, METH_VARARGS, NULL},
    {"pairs", pairs, METH_VARARGS, NULL},
    {"marks", marks, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_loops", "Loops over characters, compiled; see loops.py.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__loops(void)
{
    return PyModuleDef_Init(&definition);
}
