/// <reference types="vite/client" />
import { graphFromLayersModel } from '@clearmaps/models';
import modelJson from '@clearmaps/models/weights/mnist/model.json';
import weights from '@clearmaps/models/weights/mnist/weights.bin?url';
import { createClearmaps, drawClearMap } from 'clearmaps';
import { inWorker } from 'clearmaps/worker';

const paper = document.querySelector<HTMLCanvasElement>('#paper')!;
const pen = paper.getContext('2d', { willReadFrequently: true })!;
const map = document.querySelector<HTMLCanvasElement>('#map')!.getContext('2d')!;
const says = document.querySelector<HTMLOutputElement>('#says')!;

const weightData = await (await fetch(weights)).arrayBuffer();
const worker = inWorker(() => new Worker(new URL('./clear-worker.ts', import.meta.url), { type: 'module' }));
const cm = await createClearmaps({
  model: graphFromLayersModel({ ...modelJson, weightData }),
  backends: [worker],
});

async function explain(): Promise<void> {
  const explanation = await cm.explain(paper);
  const { data, width } = drawClearMap(explanation);
  map.putImageData(new ImageData(data, width), 0, 0);
  const { probabilities } = explanation;
  says.value = `A ${probabilities.indexOf(Math.max(...probabilities))}, says ${cm.backend.name}.`;
}

function wipe(): void {
  pen.fillStyle = 'black';
  pen.fillRect(0, 0, paper.width, paper.height);
  map.clearRect(0, 0, 28, 28);
  says.value = 'Ready.';
}

paper.addEventListener('pointerdown', ({ offsetX, offsetY }) => {
  pen.beginPath();
  pen.moveTo(offsetX, offsetY);
});
paper.addEventListener('pointermove', ({ buttons, offsetX, offsetY }) => {
  if (buttons === 0) return;
  pen.lineTo(offsetX, offsetY);
  pen.stroke();
});
paper.addEventListener('pointerup', explain);
document.querySelector('#clear')!.addEventListener('click', wipe);

Object.assign(pen, { strokeStyle: 'white', lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
wipe();
