from engine import cpu_image, engine

__all__ = ["cpu_image", "engine"]
