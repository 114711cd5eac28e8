# make demo     the built-in data, from nothing to a report
# make test     every test
# make build    stops after the release build: .build/release/dsd
# make bench    measures the step and the kernels on this machine, into Benchmarks/results
# make install PREFIX=/opt/opusdsd

PREFIX ?= /usr/local
PROGRAM = .build/release/dsd

.PHONY: build runtime demo test bench install clean

build:
	./setup.sh

runtime:
	./setup.sh runtime

demo: build
	$(PROGRAM) demo --output demo

test: runtime
	swift build --build-tests
	swift test --skip-build

bench: build
	Benchmarks/run.sh $(PROGRAM)

# The program, its shim, and a copy of the libraries of torch that the shim needs.
install: build
	install -d $(PREFIX)/bin $(PREFIX)/lib/opusdsd/torch
	install -m 755 $(PROGRAM) $(PREFIX)/bin/dsd
	install -m 755 .torch/runtime/libctorch.so $(PREFIX)/lib/opusdsd/
	install -m 644 .torch/runtime/plotly.min.js $(PREFIX)/lib/opusdsd/
	cp -L "$${TORCH_HOME:-.torch/site/torch}"/lib/*.so* $(PREFIX)/lib/opusdsd/torch/

clean:
	rm -rf .build .torch
