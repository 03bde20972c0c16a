"""Memory for bodies that are being read: who gets some at once, and who waits."""

import asyncio

from openpositions.server.limits import BodyBudget


async def gets(budget: BodyBudget, size: int, user_id: str) -> bool:
    """Whether a user gets that much without waiting."""
    try:
        async with asyncio.timeout(0), budget.reserve(size, user_id):
            return True
    except TimeoutError:
        return False


async def test_all_users_together_hold_no_more_than_there_is() -> None:
    """Who comes later waits."""
    budget = BodyBudget(100)
    async with budget.reserve(40, "alice"), budget.reserve(40, "bob"):
        assert await gets(budget, 20, "carol")
        assert not await gets(budget, 21, "carol")


async def test_one_user_holds_at_most_half() -> None:
    """However slowly their bodies come, there is room for others."""
    budget = BodyBudget(100)
    async with budget.reserve(25, "alice"), budget.reserve(25, "alice"):
        assert not await gets(budget, 1, "alice")
        assert await gets(budget, 50, "bob")


async def test_one_body_is_never_too_much() -> None:
    """Whoever holds nothing may hold all there is."""
    assert await gets(BodyBudget(100), 100, "alice")


async def test_what_is_given_back_goes_to_who_waits() -> None:
    """As soon as it fits."""
    budget = BodyBudget(100)
    async with budget.reserve(50, "alice"):
        waiting = asyncio.create_task(budget.reserve(50, "alice").__aenter__())
        await asyncio.sleep(0)
        assert not waiting.done()
    async with asyncio.timeout(10):
        await waiting
    assert not await gets(budget, 1, "alice")
