import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  :host([hidden]) {
    display: none;
  }
  .frame {
    position: relative;
    width: 100%;
    background: #000;
    touch-action: pan-y;
    cursor: crosshair;
  }
  .frame:focus-visible {
    outline: 3px solid Highlight;
    outline-offset: 2px;
  }
  canvas {
    display: block;
    width: 100%;
    height: 100%;
  }
  .pixels {
    image-rendering: pixelated;
  }
  [part='cursor'] {
    position: absolute;
    box-sizing: border-box;
    min-width: 6px;
    min-height: 6px;
    outline: 2px solid #fff;
    box-shadow: 0 0 0 4px #000;
    pointer-events: none;
  }
  [part='error'] {
    margin: 0.5em 0 0;
    font: inherit;
  }
  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
