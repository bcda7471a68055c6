"""What programs write and print: the parameters of a state_dict, the modules of nn.Sequential."""

from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.tokens import CLOSE, COLON, COMMA, IS, LINE, OPEN
from app.exercises.reading.sheet import Given, Module, Said, Sheet
from app.exercises.reading.token_stream import TokenStream

_MODULES = {
    "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "LeakyReLU": "leaky_relu",
    "Identity": "identity", "Softmax": "softmax", "LogSoftmax": "softmax",
}  # fmt: skip


class ProgramReader:
    """Reads them into a sheet. Each method returns the index of the next token, None for no program."""

    def __init__(self, stream: TokenStream, sheet: Sheet) -> None:
        self._stream, self._sheet = stream, sheet

    def parameter(self, at: int) -> int | None:
        """Read 'fc1.weight', tensor([[…]]) of a state_dict, and assignments to such names."""
        stream = self._stream
        text = stream.text(at).removesuffix(".data")
        key, _, attribute = text.rpartition(".")
        if attribute not in ("weight", "bias") or not key:
            return None
        place = at + 1
        while stream.kind(place) in (IS, COLON, COMMA, CLOSE, LINE) or stream.text(place) in (
            "'",
            "Parameter",
            "containing",
        ):
            if stream.text(place) == "Parameter" and stream.kind(place + 1) == OPEN:
                break
            place += 1
        read = self._stream.arrays.array(place)
        if read is None or read[0].depth == 0:
            return None
        base = "W" if attribute == "weight" else "b"
        name = SheetName(stream.text(at), base, attribute=key)
        given = Given(name, read[0], stream.start(at), of_program=True)
        (self._sheet.weights if attribute == "weight" else self._sheet.biases).append(given)
        return read[1]

    def module(self, at: int) -> int | None:
        """Read Linear(2, 3) and Sigmoid() of nn.Sequential."""
        stream = self._stream
        word = stream.text(at).rpartition(".")[2]
        if stream.kind(at + 1) != OPEN or at + 1 not in stream.brackets.ends:
            return None
        end = stream.brackets.ends[at + 1] + 1
        start = stream.start(at)
        if word == "Linear":
            sizes = [
                size
                for place in range(at + 2, min(end - 1, at + 40))
                if (size := stream.whole(place)) is not None
            ]
            if len(sizes) < 2:
                return None
            self._sheet.modules.append(Module((sizes[0], sizes[1]), "", start))
            if any(stream.text(place) == "False" for place in range(at + 2, min(end - 1, at + 40))):
                self._sheet.no_bias = Said("bias", start)
            return end
        if word in _MODULES and (self._sheet.modules or stream.text(at).startswith("nn.")):
            self._sheet.modules.append(Module(None, _MODULES[word], start))
            return end
        return None
