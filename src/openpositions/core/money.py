"""Integer units, and fixed-point text in and out.

Three units hold every number (accounting, "Units"); no float ever touches one of them:

- count of contracts: `_centi`, 1/100 contract
- price: `_bp`, 1/10,000 dollar
- money: `_micros`, 1/1,000,000 dollar, in which count times price is exact
"""

from functools import lru_cache

from openpositions.errors import MalformedNumber

CONTRACT_CENTI = 100
DOLLAR_BP = 10_000
DOLLAR_MICROS = 1_000_000
CENTI_CENT_MICROS = 100
CENT_MICROS = 10_000
CENT_BP = 100

COUNT_DECIMALS = 2
PRICE_DECIMALS = 4
MONEY_DECIMALS = 6

INT64_MAX = 2**63 - 1

# 19 digits of a signed 64-bit integer, a sign, a point, and room for superfluous zeros.
_LONGEST_NUMBER = 32
# So many digits fit in 64 bits whatever they are.
_SAFE_DIGITS = 18
_TENS: tuple[int, ...] = tuple(10**exponent for exponent in range(MONEY_DECIMALS + 1))


def parse_fixed(text: str, decimals: int) -> int:
    """The number that `text` writes, in units of 10^-decimals.

    Digits with an optional sign and point ("-12", "0.5600"). Zeros past the precision are no information and are
    taken; any other digit there is refused, because a number is never rounded on its way in.

    Raises MalformedNumber, whose message is to be completed with the name of the field.
    """
    whole, point, fraction = text.partition(".")
    digits = whole + fraction
    missing = decimals - len(fraction)
    if whole and fraction and missing >= 0 and len(digits) <= _SAFE_DIGITS and digits.isascii() and digits.isdigit():
        return int(digits) * _TENS[missing]  # the usual form: every fill has three of these
    whole = whole.removeprefix("-")
    digits = whole + fraction
    if len(text) > _LONGEST_NUMBER or not (digits.isascii() and digits.isdigit() and whole) or (point and not fraction):
        raise MalformedNumber("number", f"{text[:40]!r} is not a decimal number such as '12.50'")
    if fraction[decimals:].strip("0"):
        raise MalformedNumber("number", f"{text!r} has more than {decimals} decimals")
    magnitude = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if magnitude > INT64_MAX:
        raise MalformedNumber("number", f"{text!r} does not fit in 64 bits")
    return -magnitude if text[0] == "-" else magnitude


# Prices are few and counts mostly round. Money is neither: what a fee misses in a cache costs more than to read it.
parse_often_met = lru_cache(maxsize=1 << 14)(parse_fixed)


# Looking digits up costs half of formatting them, and every frame formats six numbers.
_TWO_DIGITS = tuple(f"{number:02d}" for number in range(100))
_FOUR_DIGITS = tuple(f"{number:04d}" for number in range(10_000))


def format_count(count_centi: int) -> str:
    """A count with 2 decimals: "100.00"."""
    if count_centi < 0:
        return "-" + format_count(-count_centi)
    return f"{count_centi // 100}.{_TWO_DIGITS[count_centi % 100]}"


def format_price(price_bp: int) -> str:
    """A price with 4 decimals: "0.5600"."""
    return f"{price_bp // DOLLAR_BP}.{_FOUR_DIGITS[price_bp % DOLLAR_BP]}"


def format_dollars(micros: int) -> str:
    """Money with 4 decimals, and up to 6 when the value needs them: "50.0000", "0.012345" (protocol, 3)."""
    if micros < 0:
        return "-" + format_dollars(-micros)
    centi_cents, beyond = divmod(micros, CENTI_CENT_MICROS)
    dollars = f"{centi_cents // 10_000}.{_FOUR_DIGITS[centi_cents % 10_000]}"
    return f"{dollars}{_TWO_DIGITS[beyond]}".removesuffix("0") if beyond else dollars


def format_dollars_6(micros: int) -> str:
    """Money with exactly 6 decimals, the form of the REST reads: "50.000000" (protocol, 4)."""
    if micros < 0:
        return "-" + format_dollars_6(-micros)
    return f"{micros // DOLLAR_MICROS}.{micros % DOLLAR_MICROS:06d}"


def divide_half_even(amount: int, unit: int) -> int:
    """`amount / unit` rounded to the nearest integer, a tie to the even one."""
    quotient, remainder = divmod(amount, unit)
    if remainder and (remainder * 2 > unit or (remainder * 2 == unit and quotient % 2)):
        return quotient + 1
    return quotient


def price_cents(price_bp: int) -> int:
    """A price in cents, rounded half to even. The two sides of a fill still add to 100: one of two ties goes up."""
    return divide_half_even(price_bp, CENT_BP)


def whole_contracts(count_centi: int) -> int:
    """A count as whole contracts, its fraction dropped toward zero (protocol, 3)."""
    return count_centi // 100 if count_centi >= 0 else -(-count_centi // 100)
