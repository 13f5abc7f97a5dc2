try:
    from .cli import main
except KeyboardInterrupt:  # while NumPy is still being loaded
    raise SystemExit(130) from None

raise SystemExit(main())
