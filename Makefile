# Everything a person types here. `make` alone lists it; README.md says which two to type first.

SWIFT ?= swift
PYTHON ?= python3
MODEL ?= Models/limner-mini
PORT ?= 8080
LINT = $(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format Package.swift Sources Tests

# Tests see the same modules as the product, built once: no testable imports.
TEST_FLAGS = -c release --disable-testable-imports

export SWIFT MODEL PYTHON PHOTO SKETCH PHOTOS OUT TUNE_STEPS

.DEFAULT_GOAL := help
.PHONY: help bootstrap build demo test run bench profile check format check-http check-load test-scripts test-training goldens full-size-model clean

help: ## list these targets
	@echo 'Limner draws any photo in the style of one photo-sketch pair.'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'
	@echo 'Settings: MODEL PORT SWIFT PYTHON, for demo PHOTO SKETCH PHOTOS OUT TUNE_STEPS.'

bootstrap: ## install the C libraries that are missing, check Swift
	@scripts/bootstrap

build: bootstrap ## build the limner program in release
	$(SWIFT) build -c release --product limner

demo: ## the whole path: service, one pair, sketches of other photos, a contact sheet
	@scripts/demo

test: bootstrap test-scripts ## build and run every test of the package
	$(SWIFT) test $(TEST_FLAGS)

run: build ## serve on 127.0.0.1, port 8080, data in ~/.local/share/limner
	$$($(SWIFT) build -c release --show-bin-path)/limner serve --model $(MODEL) --port $(PORT)

bench: build ## measure how fast this machine draws and tunes; PEER=1 beside diffusers (minutes; docs/performance.md)
	@scripts/bench

profile: build ## where the time goes, by kind of op: a UNet pass, a VAE decode, a tuning step
	@scripts/profile

check: bootstrap ## format, module law, every test: what a change must pass
	$(LINT)
	scripts/check-law
	$(MAKE) test

format: ## bring the Swift sources into the house's format
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format Package.swift Sources Tests

check-http: ## let h11 judge every byte that the server sends (Python, in .venv-check)
	@scripts/check-http

check-load: ## idle, slow and too many clients and TLS scanners against the connections (minutes)
	@scripts/check-load

test-scripts: ## test the shell scripts
	@scripts/test-scripts

test-training: .venv-training ## test the training code (Python, in .venv-training)
	cd Training && ../.venv-training/bin/python -m pytest -q

goldens: .venv-training ## make the tests' golden tensors again, with diffusers
	cd Tests/Fixtures/reference && for script in 'reference.py --out .' sampler_extra.py tokens_extra.py single_file_keys.py conditioned_extra.py; do \
		../../../.venv-training/bin/python make_$$script || exit 1; done

full-size-model: ## write full-size-model/, random weights in the full model's shape (2.1 GB; needs NumPy)
	$(PYTHON) scripts/make_full_size_model.py --out full-size-model

.venv-training: Training/pyproject.toml
	$(PYTHON) -m venv .venv-training
	.venv-training/bin/pip install --quiet -e 'Training[test]'
	@touch .venv-training

clean: ## remove what was built and drawn; styles and jobs of `make run` stay
	rm -rf .build demo-output bench-output
