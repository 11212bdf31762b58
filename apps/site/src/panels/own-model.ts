import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { PREPROCESSINGS } from '../input/model-preprocessing.ts';
import { fetchModel, type OwnModel, readModelFiles } from '../input/read-model.ts';
import { FRESH, PHOTO_LOOKS, type SiteStore } from '../state/site-state.ts';
import { layerReport } from './layer-report.ts';

/** Where SqueezeNet 1.1 is fetched from unless the visitor names another place; set when the site is built. */
const SQUEEZENET = import.meta.env.VITE_SQUEEZENET ?? './models/squeezenet1.1/';

/** A network of the visitor's own. Returns what takes dropped files. */
export function showOwnModel(store: SiteStore): (files: readonly File[]) => void {
  const preprocessing = byId<HTMLSelectElement>('preprocessing');
  for (const [value, [label]] of Object.entries(PREPROCESSINGS))
    preprocessing.append(new Option(label, value));
  const address = byId<HTMLInputElement>('model-address');
  address.value = SQUEEZENET;
  const status = byId('model-status');

  const take = async (read: () => Promise<OwnModel>): Promise<void> => {
    const before = status.textContent;
    status.textContent = 'Reading the model…';
    try {
      const ownModel = await read();
      const { model } = ownModel;
      byId('layer-report').replaceChildren(layerReport(model));
      status.textContent = `${model.name}: ${model.layers.length} layers. Choose, drop or paste a picture.`;
      byId<HTMLDetailsElement>('own').open = false;
      store.set({
        ...FRESH,
        net: 'own',
        model,
        ownModel,
        ...PHOTO_LOOKS,
      });
    } catch (error) {
      // A network that was there still is.
      status.textContent = before;
      store.set({ problem: messageOf(error) });
    }
  };
  const takeFiles = (files: readonly File[]): void =>
    void take(() => readModelFiles(files, preprocessing.value));
  const picker = byId<HTMLInputElement>('model-files');
  picker.addEventListener('change', () => {
    if (picker.files?.length) takeFiles([...picker.files]);
    picker.value = '';
  });
  byId('model-fetch').addEventListener('submit', (event) => {
    event.preventDefault();
    void take(() => fetchModel(address.value, preprocessing.value));
  });
  return takeFiles;
}
