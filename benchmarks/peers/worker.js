// human's or face-api's expression net in Node, on TensorFlow.js's WebAssembly backend, spoken to in lines of JSON.
// usage: node worker.js human|face-api FOLDER-WITH-node_modules
"use strict";
const start = process.hrtime.bigint();
const path = require("node:path");
const fs = require("node:fs");
const readline = require("node:readline");
const [which, folder] = process.argv.slice(2);
const { createRequire } = require("node:module");
const load = createRequire(path.join(folder, "index.js"));
const modules = path.join(folder, "node_modules");
const version = (name) => JSON.parse(fs.readFileSync(path.join(modules, name, "package.json"))).version;

async function human(tf) {
  // src/gear/emotion.ts of human 3.3: 64 x 64, grey, -1..1; the graph's words are FER2013's in its order
  const models = path.join(modules, "@vladmandic/human/models");
  const json = JSON.parse(fs.readFileSync(path.join(models, "emotion.json")));
  const weights = fs.readFileSync(path.join(models, "emotion.bin"));
  const model = await tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest[0].weights,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  }));
  const run = (crops) => tf.tidy(() => {
    const sized = tf.image.resizeBilinear(crops.div(255), [64, 64], false);
    return model.execute(sized.sub(0.5).mul(2));
  });
  const whole = load(path.join(modules, "@vladmandic/human/dist/human.node-wasm.js"));
  const server = require("node:http").createServer((asked, answer) => { // it fetches its models, on this backend not from a disk
    const file = path.join(models, path.basename(asked.url));
    if (!fs.existsSync(file)) return answer.writeHead(404).end();
    return answer.end(fs.readFileSync(file));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const off = { enabled: false };
  const library = new whole.Human({
    backend: "wasm", wasmPath: path.join(modules, "@tensorflow/tfjs-backend-wasm/dist/"), debug: false,
    modelBasePath: `http://127.0.0.1:${server.address().port}/`, cacheSensitivity: 0, filter: off, body: off, hand: off, gesture: off, object: off,
    face: { enabled: true, detector: { maxDetected: 20 }, mesh: off, iris: off, description: off, emotion: { enabled: true } },
  });
  await library.load();
  server.close();
  const pixels = async (image) => (await library.detect(image)).face.length;
  return { run, pixels, tf: library.tf, words: ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] };
}

async function faceApi(tf, faceapi) {
  await faceapi.nets.faceExpressionNet.loadFromDisk(path.join(modules, "@vladmandic/face-api/model"));
  const run = (crops) => tf.tidy(() => {
    const input = new faceapi.NetInput(tf.unstack(crops.tile([1, 1, 1, 3]))); // which resizes to 112 x 112
    return faceapi.nets.faceExpressionNet.forwardInput(input);
  });
  await faceapi.nets.ssdMobilenetv1.loadFromDisk(path.join(modules, "@vladmandic/face-api/model"));
  const pixels = async (image) => (await faceapi.detectAllFaces(image).withFaceExpressions()).length;
  return { run, pixels, tf, words: ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"] };
}

(async () => {
  const say = (object) => process.stdout.write(JSON.stringify(object) + "\n");
  const tf = load("@tensorflow/tfjs");
  const wasm = load("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(path.join(modules, "@tensorflow/tfjs-backend-wasm/dist/"));
  await tf.setBackend("wasm");
  await tf.ready();
  const faceapi = which === "face-api" ? load("@vladmandic/face-api/dist/face-api.node-wasm.js") : null;
  const net = faceapi ? await faceApi(faceapi.tf, faceapi) : await human(tf);
  const own = faceapi ? faceapi.tf : tf;
  if (faceapi) { await own.setBackend("wasm"); await own.ready(); }
  const name = which === "human" ? "@vladmandic/human" : "@vladmandic/face-api";
  say({
    ready: Number(process.hrtime.bigint() - start) / 1e9, words: net.words,
    versions: { [name]: version(name), "@tensorflow/tfjs": version("@tensorflow/tfjs"), node: process.version },
  });
  let pixels = null, side = 0;
  const batch = (from, n) => own.tensor4d(pixels.subarray(from * side * side, (from + n) * side * side), [n, side, side, 1], "float32");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    if (asked.do === "open") {
      side = asked.side;
      pixels = Float32Array.from(fs.readFileSync(asked.path));
      say({ n: pixels.length / side / side });
    } else if (asked.do === "probabilities") {
      const out = fs.openSync(asked.out, "w");
      for (let at = 0; at < asked.n; at += asked.batch) {
        const crops = batch(at, Math.min(asked.batch, asked.n - at));
        const said = net.run(crops);
        fs.writeSync(out, Buffer.from((await said.data()).buffer.slice(0)));
        crops.dispose(); said.dispose();
      }
      fs.closeSync(out);
      say({ done: true });
    } else if (asked.do === "time") {
      const seconds = [];
      for (let i = 0; i < asked.repeats; i++) {
        const begin = process.hrtime.bigint();
        const crops = batch((i * asked.batch) % asked.n, asked.batch);
        const said = net.run(crops);
        await said.data();
        crops.dispose(); said.dispose();
        seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
      }
      say({ seconds });
    } else if (asked.do === "pixels") {
      const bytes = Int32Array.from(fs.readFileSync(asked.path)), seconds = [];
      let found = 0;
      for (let i = 0; i < asked.repeats; i++) {
        const begin = process.hrtime.bigint();
        const image = net.tf.tensor(bytes, [asked.height, asked.width, 3], "int32");
        found = await net.pixels(image);
        image.dispose();
        seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
      }
      say({ seconds, found });
    } else { // neither reads pictures or videos from a disk
      say({ seconds: [] });
    }
  }
})();
