"""The words of exercise sheets in English, German and Korean, and what they mean."""

from dataclasses import dataclass
from functools import lru_cache

# Kinds of terms. A `QUANTITY` can have a value, a `ROLE` is a layer or a unit of it.
ACTIVATION, ERROR, OPTIMISER, UPDATE = "activation", "error", "optimiser", "update"
QUANTITY, ROLE, NUMERAL, ORDINAL, FILLER = "quantity", "role", "numeral", "ordinal", "filler"
ALL, NO, MISSING, INTO, ROWS, CONVENTION = "all", "no", "missing", "into", "rows", "convention"
UNITS, LAYERS = "units", "layers"  # the plain words, such as neurons

# Of each term its phrases, separated by bars.
_PHRASES: dict[tuple[str, str], str] = {
    (ACTIVATION, "sigmoid"): "sigmoid|sigmoids|sigmoidal|logistic|logistic function|sigmoid function|sigmoidfunktion|logistische funktion|expit|logsig|시그모이드|시그모이드 함수|로지스틱|로지스틱 함수",
    (ACTIVATION, "tanh"): "tanh|hyperbolic tangent|tangens hyperbolicus|tansig|하이퍼볼릭 탄젠트|쌍곡탄젠트|쌍곡 탄젠트",
    (ACTIVATION, "relu"): "relu|relus|rectified linear|rectified linear unit|rectified linear units|rectifier|렐루",
    (ACTIVATION, "leaky_relu"): "leaky relu|leakyrelu|leaky rectified linear unit|리키 렐루",
    (ACTIVATION, "identity"): "linear|linear function|identity|identity function|no activation|no activation function|purelin|linear activation|lineare|identität|항등 함수|항등함수|항등|선형|선형 함수",
    (ACTIVATION, "softmax"): "softmax|softmax function|logsoftmax|소프트맥스|소프트맥스 함수",
    (ERROR, "half_squared"): "half squared|half squared error|half squared errors|half the squared error|half the sum of squared errors|half the sum of squares|half of the squared error|one half squared error|half mse",
    (ERROR, "mean_squared"): "mse|mseloss|mean squared|mean squared error|mean square error|mean of squared errors|mittlerer quadratischer fehler|mittleren quadratischen fehler|평균 제곱 오차|평균제곱오차",
    (ERROR, "squared"): "squared error|squared errors|sum of squared errors|sum of squares|sum squared error|sse|squared loss|quadratic error|quadratic loss|quadratic cost|least squares|l2 loss|quadratischer fehler|quadratischen fehler|제곱 오차|제곱오차|오차 제곱합|제곱 오차합",
    (ERROR, "cross_entropy"): "cross entropy|crossentropy|crossentropyloss|cross entropy loss|cross entropy error|categorical cross entropy|categorical crossentropy|negative log likelihood|nll|nllloss|kreuzentropie|교차 엔트로피|교차엔트로피|크로스 엔트로피|크로스엔트로피",
    (ERROR, "binary_cross_entropy"): "binary cross entropy|binary crossentropy|binary cross entropy loss|bce|bceloss|bcewithlogitsloss|log loss|logistic loss|binäre kreuzentropie|이진 교차 엔트로피|이진 크로스 엔트로피",
    (ERROR, "huber"): "huber|huber loss|huberloss|huber error|smooth l1",
    (OPTIMISER, "gradient_descent"): "sgd|gradient descent|stochastic gradient descent|steepest descent|gradientenabstieg|gradientenabstiegsverfahren|경사 하강법|경사하강법|확률적 경사 하강법",
    (OPTIMISER, "rmsprop"): "rmsprop|rms prop",
    (OPTIMISER, "adam"): "adam",
    (UPDATE, "each"): "incremental|incremental update|incremental updates|incremental mode|online|online learning|online mode|on line|per example|example by example|after each example|after every example|after each pattern|sample by sample|each update|온라인|온라인 학습",
    (UPDATE, "batch"): "batch|batch mode|batch update|batch updates|batch learning|full batch|batch gradient descent|full batch gradient descent|offline|after all examples|배치|배치 학습|배치 경사 하강법",
    (UPDATE, "mean"): "mean of the gradients|mean gradient|average gradient|averaged gradient|averaged gradients|average of the gradients|mean update|gradients are averaged",
    (UPDATE, "sum"): "sum of the gradients|summed gradients|sum of gradients|gradients are summed|accumulated gradients|sum update",
    (QUANTITY, "learning_rate"): "learning rate|learning rates|learning rate init|learning constant|learning parameter|lr|step size|stepsize|lernrate|schrittweite|lernparameter|학습률|학습율",
    (QUANTITY, "momentum"): "momentum|momentum term|momentum rate|momentum coefficient|momentum factor|momentum constant|moment|모멘텀|관성",
    (QUANTITY, "weight_decay"): "weight decay|l2 regularization|l2 regularisation|가중치 감쇠",
    (QUANTITY, "beta1"): "beta1|beta 1",
    (QUANTITY, "beta2"): "beta2|beta 2",
    (QUANTITY, "rho"): "decay rate",
    (QUANTITY, "epsilon"): "eps",
    (QUANTITY, "inputs"): "input|inputs|input vector|input value|input values|input pattern|input data|features|feature vector|eingabe|eingaben|eingabevektor|eingabewerte|eingang|eingänge|입력|입력값|입력 값|입력 벡터|입력벡터|입력 데이터",
    (QUANTITY, "targets"): "target|targets|target vector|target value|target values|target output|target outputs|desired|desired output|desired outputs|desired value|expected output|expected outputs|expected|correct output|teacher|ground truth|y true|zielwert|zielwerte|ziel|zielausgabe|sollwert|sollwerte|sollausgabe|목표|목표값|목푯값|목표 값|목표 출력|정답|정답값|정답 값|타깃|타겟",
    (QUANTITY, "class"): "label|labels|class|class label|true class|correct class|true label|klasse|레이블|라벨|클래스|정답 레이블|정답 클래스",
    (QUANTITY, "weights"): "weight|weights|initial weights|gewicht|gewichte|gewichten|anfangsgewichte|coefs|가중치|초기 가중치|초기가중치|가중치들",
    (QUANTITY, "biases"): "bias|biases|bias term|bias terms|bias weight|bias weights|initial biases|intercepts|bias value|bias values|편향|초기 편향|바이어스|편향들|절편",
    (QUANTITY, "thresholds"): "threshold|thresholds|threshold value|threshold values|schwellwert|schwellwerte|schwellenwert|schwellenwerte|임계값|임곗값|임계치|문턱값",
    (QUANTITY, "layers"): "layers|layer sizes|architecture|topology|network|network structure|network architecture|schichten|netz|netzwerk|구조|신경망 구조|층 구조|신경망|네트워크",
    (ROLE, "input"): "input layer|input unit|input units|input neuron|input neurons|input node|input nodes|eingabeschicht|eingabeneuron|eingabeneuronen|eingabeeinheit|입력층|입력 층|입력 노드|입력 뉴런|입력 유닛|입력노드|입력뉴런",
    (ROLE, "hidden"): "hidden|hidden layer|hidden layers|hidden unit|hidden units|hidden neuron|hidden neurons|hidden node|hidden nodes|verdeckt|verdeckte|verdeckten|verdeckter|verdeckte schicht|verdeckten schicht|verdeckte neuronen|verdecktes neuron|versteckte|versteckte schicht|versteckten schicht|versteckte neuronen|은닉층|은닉 층|은닉|은닉 노드|은닉 뉴런|은닉 유닛|은닉노드|은닉뉴런|은닉층 노드|은닉층 뉴런",
    (ROLE, "output"): "output|outputs|output layer|output unit|output units|output neuron|output neurons|output node|output nodes|ausgabe|ausgaben|ausgabeschicht|ausgabeneuron|ausgabeneuronen|ausgabeeinheit|출력|출력층|출력 층|출력 노드|출력 뉴런|출력 유닛|출력노드|출력뉴런|출력층 노드|출력층 뉴런",
    (ROLE, "all"): "everywhere|throughout|all layers|all units|all neurons|all nodes|both layers|each layer|every layer|every unit|überall|alle neuronen|alle schichten|모든 층|모든 층에|모든 노드|모든 뉴런|모든 유닛|모든 층의",
    (UNITS, "units"): "unit|units|neuron|neurons|node|nodes|neuronen|einheit|einheiten|노드|뉴런|유닛",
    (LAYERS, "layers"): "layer|schicht|층",
    (ALL, "all"): "all|every|alle|sämtliche|all the|모든|모두|전부",
    (NO, "no"): "no|without|without any|not any|ohne|keine|kein|keinen",
    (MISSING, "missing"): "none|false|absent|omitted|ignored|not used|없음|없다|없습니다|없이|없고|없는|없으며|사용하지 않음|사용하지 않습니다|사용하지 않는다|entfällt|entfallen",
    (INTO, "into"): "into",
    (ROWS, "rows"): "rows|row|each row|one row per|row per|a row per|zeilen|zeile|행|행은|각 행",
    (ROWS, "columns"): "columns|column|each column|one column per|column per|a column per|spalten|spalte|열|열은|각 열",
    (CONVENTION, "per_unit"): "per unit|per_unit|per neuron",
    (CONVENTION, "shared"): "shared|one bias per layer|one per layer",
    (CONVENTION, "err"): "err",
    (NUMERAL, "0"): "zero|zeros|null|영",
    **{(NUMERAL, str(number)): words for number, words in enumerate(("one|a|an|single|ein|eine|einem|einer|einen|한|하나|한 개", "two|both|zwei|두|둘|두 개", "three|drei|세|셋|세 개", "four|vier|네|넷|네 개", "five|fünf|다섯", "six|sechs|여섯", "seven|sieben|일곱", "eight|acht|여덟"), 1)},
    (ORDINAL, "last"): "last|letzte|letzten|마지막",
    **{(ORDINAL, str(number)): words for number, words in enumerate(("first|1st|erste|ersten|첫 번째|첫번째", "second|2nd|zweite|zweiten|두 번째|두번째", "third|3rd|dritte|dritten|세 번째|세번째", "fourth|4th|vierte|vierten|네 번째|네번째", "fifth|5th|fünfte|다섯 번째", "sixth|6th|sechste|여섯 번째", "seventh|7th|일곱 번째", "eighth|8th|여덟 번째"), 1)},
    # Words that say nothing by themselves.
    (FILLER, ""): "the|this|that|these|those|of|for|in|on|at|to|from|by|as|with|and|or|is|are|was|be|been|has|have|had|which|where|uses|use|used|using|let|given|consider|following|its|their|it|we|set|initialised|initialized|initialise|initialize|initial|initially|start|starting|begins|begin|equal|equals|value|values|vector|vectors|matrix|matrices|function|functions|activation|activations|activation function|activation functions|transfer|error|errors|error function|loss|loss function|cost|cost function|objective|criterion|optimizer|optimiser|optimisation|optimization|update|updates|updated|mode|training|trained|train|example|examples|training example|training examples|pattern|patterns|sample|samples|data|exercise|problem|question|task|sheet|parameter|parameters|rate|term|constant|neural|feedforward|feed forward|fully connected|multilayer|multi layer|perceptron|mlp|net|model|simple|small|respectively|also|each|both|then|here|only|same|shown|below|above|nn|np|torch|numpy|import|ordereddict|tensor|array|sequential|parameter containing|state dict|print|init|int|float|dtype|true|self|compute|calculate|perform|find|show|forward|backward|pass|one iteration|iteration|iterations|backpropagation|back propagation|algorithm|after|gradient|gradients|new|all|every|und|der|die|das|den|dem|des|ein|mit|für|von|im|in|ist|sind|sei|seien|aktivierung|aktivierungsfunktion|fehlerfunktion|fehler|aufgabe|beispiel|beispiele|werte|wert|matrix|gegeben|은|는|이|가|을|를|의|와|과|로|으로|에|에서|및|그리고|함수|활성화|활성화 함수|활성화함수|활성 함수|오차|오차 함수|오차함수|손실|손실 함수|손실함수|값|벡터|행렬|다음|다음과|같은|같다|같이|있다|있는|한다|하자|개|이다|이고|이며|입니다|인|사용|사용한다|사용합니다|라고|초기|초깃값|예제|문제|학습|데이터|각|때|대해|대하여",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetTerm:
    """What a phrase means: a kind, and which of it."""

    kind: str
    value: str


def _terms() -> dict[tuple[str, ...], SheetTerm]:
    terms: dict[tuple[str, ...], SheetTerm] = {}
    for (kind, value), phrases in _PHRASES.items():
        for phrase in phrases.split("|"):
            terms.setdefault(tuple(phrase.replace("_", " ").split()), SheetTerm(kind, value))
    return terms


TERMS = _terms()
# By the first word of phrases, how many words the longest of them has. The last word may have a particle.
LONGEST = {words[0]: len(words) for words in sorted(TERMS, key=len)}
_PARTICLES = (
    "으로",
    "에는",
    "에서",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "와",
    "과",
    "로",
    "에",
    "들",
)


@lru_cache(maxsize=4096)
def word_forms(word: str) -> tuple[str, ...]:
    """A word, and the same without a Korean particle."""
    forms = [word]
    if "가" <= word[-1:] <= "힣":
        forms += [
            word.removesuffix(end) for end in _PARTICLES if word.endswith(end) and word != end
        ]
    return tuple(forms)
