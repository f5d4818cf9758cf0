import ArgumentParser
import LimnerStudio

Limner.main()
