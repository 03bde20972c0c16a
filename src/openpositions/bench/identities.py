"""`bench identities`: whether the rate of fills depends on how many identities are held for ever already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvloop

from openpositions.bench.feeder import Fed, feed
from openpositions.bench.floors import durable_floor
from openpositions.bench.flow import Flow, user_names
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Figure, Report, figure
from openpositions.bench.stage import on_stage, scratch
