"""Recordings: the frames of a connection, written down and served again."""

from openpositions.testing.recording.recorder import Login, Recorded, record
from openpositions.testing.recording.replaying import Replay
from openpositions.testing.recording.sessions import RecordedSession, load_recording

__all__ = ["Login", "Recorded", "RecordedSession", "Replay", "load_recording", "record"]
