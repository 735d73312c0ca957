/// The JSON Schema of the messages between nasd and its workers; `Deploy/workers` has a copy for whoever writes one.
public enum WorkerSchema {
    /// The schema.
    public static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "nasd-worker/1",
          "description": "One message a line, UTF-8, at most 1 MiB. Documentation/workers.md says what each means. Members that are not listed are passed over.",
          "oneOf": [
            {"$ref": "#/$defs/daemonHello"}, {"$ref": "#/$defs/evaluate"}, {"$ref": "#/$defs/train"}, {"$ref": "#/$defs/probe"},
            {"$ref": "#/$defs/save"}, {"$ref": "#/$defs/load"}, {"$ref": "#/$defs/cancel"}, {"$ref": "#/$defs/bye"},
            {"$ref": "#/$defs/connect"}, {"$ref": "#/$defs/connected"},
            {"$ref": "#/$defs/refused"}, {"$ref": "#/$defs/workerHello"}, {"$ref": "#/$defs/result"}, {"$ref": "#/$defs/progress"}, {"$ref": "#/$defs/error"}
          ],
          "$defs": {
            "id": {"description": "Counted from 1 for each process; an answer has that of its request.", "type": "integer", "minimum": 1},
            "option": {"type": ["number", "string"]},
            "genome": {
              "description": "The decisions that count in an architecture, by their full names, with the values of their options.",
              "type": "object", "additionalProperties": {"$ref": "#/$defs/option"}
            },
            "plainName": {"description": "A file within the folder states.", "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
            "daemonHello": {
              "description": "Daemon to worker, first.",
              "type": "object",
              "required": ["type", "protocol", "run", "seed", "slot", "folder", "metrics", "space"],
              "properties": {
                "type": {"const": "hello"}, "protocol": {"const": "nasd-worker/1"}, "run": {"type": "string"},
                "seed": {"type": "integer"}, "slot": {"type": "integer", "minimum": 0},
                "folder": {"description": "The slot's own folder.", "type": "string"},
                "states": {"description": "Of a run whose worker trains: the folder of what save writes and load reads, the same for all slots.", "type": "string"},
                "metrics": {"type": "array", "items": {"type": "string"}},
                "space": {
                  "type": "object", "required": ["name", "decisions"],
                  "properties": {
                    "name": {"type": "string"},
                    "decisions": {
                      "type": "array",
                      "items": {
                        "type": "object", "required": ["name", "options"],
                        "properties": {"name": {"type": "string"}, "options": {"type": "array", "items": {"$ref": "#/$defs/option"}}}
                      }
                    }
                  }
                }
              }
            },
            "evaluate": {
              "description": "Daemon to worker: measure an architecture.",
              "type": "object",
              "required": ["type", "id", "genome", "key", "stage", "samples", "weightsStep", "metrics"],
              "properties": {
                "type": {"const": "evaluate"}, "id": {"$ref": "#/$defs/id"}, "genome": {"$ref": "#/$defs/genome"},
                "key": {"description": "Names the architecture within its space.", "type": "string"},
                "stage": {"enum": ["search", "validation", "test", "cost"]},
                "samples": {"description": "Examples to measure on; 0 leaves it to the worker.", "type": "integer", "minimum": 0},
                "weightsStep": {"type": "integer", "minimum": 0},
                "metrics": {"type": "array", "items": {"type": "string"}}
              }
            },
            "train": {
              "description": "Daemon to worker: train the steps from..to, of which the first is not yet done and the last is to - 1, each of them all its passes and one update. The worker has the weights of step from.",
              "type": "object",
              "required": ["type", "id", "from", "to", "steps", "batch", "seed", "rateFactor", "passes"],
              "properties": {
                "type": {"const": "train"}, "id": {"$ref": "#/$defs/id"}, "from": {"type": "integer", "minimum": 0},
                "to": {"type": "integer", "minimum": 1},
                "steps": {"description": "Of the whole training.", "type": "integer", "minimum": 1},
                "batch": {"description": "Examples of a step, as the run file has it.", "type": "integer", "minimum": 1},
                "seed": {"type": "integer"},
                "rateFactor": {"description": "What the worker's learning rate is multiplied by: halved each time that training has diverged.", "type": "number", "exclusiveMinimum": 0, "maximum": 1},
                "distillation": {
                  "description": "How a pass that is taught learns; absent where none is.",
                  "type": "object", "required": ["weight", "temperature"],
                  "properties": {
                    "weight": {"description": "Share of the teacher's targets in the loss.", "type": "number", "minimum": 0, "maximum": 1},
                    "temperature": {"type": "number", "exclusiveMinimum": 0}
                  }
                },
                "passes": {
                  "description": "For each step its passes in order.",
                  "type": "array", "maxItems": 256,
                  "items": {
                    "type": "array",
                    "items": {
                      "description": "A subnet on the whole batch, or genomes, of which each has one part of it.",
                      "type": "object", "oneOf": [{"required": ["genome"]}, {"required": ["genomes"]}],
                      "properties": {
                        "genome": {"$ref": "#/$defs/genome"}, "genomes": {"type": "array", "items": {"$ref": "#/$defs/genome"}, "minItems": 2},
                        "teacher": {"description": "Its outputs are targets of the passes after it.", "type": "boolean"},
                        "taught": {"description": "It learns from the teacher's outputs, too.", "type": "boolean"},
                        "forward": {"description": "It runs forward alone, and trains nothing.", "type": "boolean"}
                      }
                    }
                  }
                }
              }
            },
            "probe": {
              "description": "Daemon to worker: losses of architectures on examples that are held out for the sampler; training goes on as if nobody had asked.",
              "type": "object",
              "required": ["type", "id", "genomes", "samples", "part", "seed"],
              "properties": {
                "type": {"const": "probe"}, "id": {"$ref": "#/$defs/id"}, "genomes": {"type": "array", "items": {"$ref": "#/$defs/genome"}},
                "samples": {"type": "integer", "minimum": 1},
                "part": {"description": "Which of the held-out examples: those of a part are always the same.", "type": "integer", "minimum": 0},
                "seed": {"type": "integer"}
              }
            },
            "save": {
              "description": "Daemon to worker: write what the next step depends on into a file of the folder states, complete or not at all.",
              "type": "object", "required": ["type", "id", "step", "name"],
              "properties": {"type": {"const": "save"}, "id": {"$ref": "#/$defs/id"}, "step": {"type": "integer", "minimum": 1}, "name": {"$ref": "#/$defs/plainName"}}
            },
            "load": {
              "description": "Daemon to worker: take the weights of a file of the folder states, to train on or to measure; without a name those that training begins with.",
              "type": "object", "required": ["type", "id", "step", "seed"],
              "properties": {"type": {"const": "load"}, "id": {"$ref": "#/$defs/id"}, "step": {"type": "integer", "minimum": 0}, "name": {"$ref": "#/$defs/plainName"}, "seed": {"type": "integer"}}
            },
            "cancel": {
              "description": "Daemon to worker: nobody waits for the answer; none need come.",
              "type": "object", "required": ["type", "id"], "properties": {"type": {"const": "cancel"}, "id": {"$ref": "#/$defs/id"}}
            },
            "bye": {
              "description": "Daemon to worker: end. The end of the input means the same.",
              "type": "object", "required": ["type"], "properties": {"type": {"const": "bye"}}
            },
            "connect": {
              "description": "Worker to daemon, the first line of one that connects, within 10 seconds and of 8192 bytes at most. Then it is silent until the daemon's hello.",
              "type": "object", "required": ["type", "protocol", "command"],
              "properties": {
                "type": {"const": "connect"}, "protocol": {"const": "nasd-worker/1"}, "command": {"type": "string"},
                "slot": {"description": "Absent or null for any that is free.", "type": ["integer", "null"], "minimum": 0, "maximum": 255},
                "token": {"description": "That of workerTokenFile.", "type": "string"}
              }
            },
            "connected": {
              "description": "Daemon to worker: it has this slot.",
              "type": "object", "required": ["type", "command", "slot"],
              "properties": {"type": {"const": "connected"}, "command": {"type": "string"}, "slot": {"type": "integer", "minimum": 0}}
            },
            "refused": {
              "description": "Daemon to worker, before it closes the connection.",
              "type": "object", "required": ["type", "message"], "properties": {"type": {"const": "refused"}, "message": {"type": "string"}}
            },
            "workerHello": {
              "description": "Worker to daemon, its first line.",
              "type": "object",
              "required": ["type", "protocol", "can", "metrics"],
              "properties": {
                "type": {"const": "hello"}, "protocol": {"const": "nasd-worker/1"},
                "name": {"type": "string"},
                "can": {"type": "array", "items": {"enum": ["evaluate", "train", "probe"]}, "contains": {"const": "evaluate"}},
                "metrics": {
                  "description": "At least those that the run asks for.",
                  "type": "object",
                  "additionalProperties": {
                    "type": "object",
                    "properties": {"goal": {"enum": ["maximize", "minimize"]}, "unit": {"type": "string"}}
                  }
                },
                "stages": {"description": "Those that it measures at; absent for all.", "type": "array", "items": {"enum": ["search", "validation", "test", "cost"]}},
                "capacity": {"description": "Requests that it takes at a time.", "type": "integer", "minimum": 1, "maximum": 1024, "default": 1},
                "deterministic": {"description": "Whether the same request has the same answer to the bit.", "type": "boolean", "default": false},
                "heartbeat": {"description": "Seconds within which it says something while it works.", "type": ["number", "null"], "minimum": 0.1, "maximum": 3600},
                "device": {"type": "string"},
                "versions": {"type": "object", "additionalProperties": {"type": "string"}}
              }
            },
            "result": {
              "description": "Worker to daemon: an answer; of evaluate it has metrics, of train and probe losses, of save and load neither. NaN and Infinity, as some writers of JSON have them, are read.",
              "type": "object", "required": ["type", "id"],
              "properties": {
                "type": {"const": "result"}, "id": {"$ref": "#/$defs/id"},
                "metrics": {"description": "Of train further figures, for the log.", "type": "object", "additionalProperties": {"type": ["number", "null"]}},
                "samples": {"type": "integer", "minimum": 0, "maximum": 1000000000},
                "losses": {
                  "description": "Of train: for each step, for each pass that is not forward alone, its mean loss (of several genomes a number, or a list of one of each). Of probe: for each architecture its mean loss, or a list of those of chunks of the examples, as many of each.",
                  "type": "array"
                },
                "learningRates": {"description": "Of train: that of each step.", "type": "array", "items": {"type": "number"}}
              }
            },
            "progress": {
              "description": "Worker to daemon: a sign of life.",
              "type": "object", "required": ["type"],
              "properties": {"type": {"const": "progress"}, "id": {"$ref": "#/$defs/id"}, "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1}}
            },
            "error": {
              "description": "Worker to daemon: the request came to nothing.",
              "type": "object", "required": ["type", "id"],
              "properties": {
                "type": {"const": "error"}, "id": {"$ref": "#/$defs/id"}, "message": {"type": "string"},
                "retry": {"description": "Whether another try may come to something.", "type": "boolean", "default": false}
              }
            }
          }
        }

        """#
}
